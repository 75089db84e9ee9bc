using Npgsql;

namespace Philotes.Buffer.Operations;

/// <summary>How much the buffer's database takes on disk.</summary>
public static class BufferSize
{
    public static async Task<long> ReadAsync(NpgsqlDataSource db, CancellationToken cancellationToken)
    {
        await using var command = Rows.Command(db, BufferSizeSql.Bytes);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
