using Npgsql;

namespace Philotes.Buffer.Operations;

/// <summary>The generations for people.</summary>
public sealed class Generations(NpgsqlDataSource db)
{
    /// <summary>Oldest first, with the buffer's time.</summary>
    public async Task<(DateTimeOffset Now, IReadOnlyList<GenerationEntry> Entries)> ListAsync(CancellationToken cancellationToken)
    {
        var entries = await Rows.ReadAsync(Rows.Command(db, GenerationSql.List), Entry, cancellationToken);
        var now = await Rows.ReadAsync(Rows.Command(db, GenerationSql.Now), reader => reader.GetFieldValue<DateTimeOffset>(0), cancellationToken);
        return (now[0], entries);
    }

    private static GenerationEntry Entry(NpgsqlDataReader reader) => new(
        reader.GetInt32(0), reader.GetFieldValue<DateTimeOffset>(1), Rows.Time(reader, 2), reader.GetInt64(3), reader.GetInt64(4), Rows.Time(reader, 5),
        Rows.Time(reader, 6), reader.GetInt64(7), reader.GetInt64(8), Rows.Text(reader, 9));
}
