using Npgsql;
using NpgsqlTypes;
using Philotes.Buffer.Operations;

namespace Philotes.Buffer;

/// <summary>
/// The list of objects that batches, repairs and replays may have written, by name. A name enters it before the object is written, so that a crash leaves no
/// object that is not on it; it leaves when its writer is over and something refers to the object, or it is gone.
/// </summary>
public sealed class WrittenObjects(NpgsqlDataSource db)
{
    /// <summary>False when the batch was claimed by another process: nothing may be written.</summary>
    public async Task<bool> AnnounceAsync(ClaimedBatch batch, IReadOnlyCollection<string> uris, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand(WrittenObjectSql.Announce);
        command.Parameters.AddWithValue("batch", batch.BatchId);
        command.Parameters.AddWithValue("token", batch.Token);
        command.Parameters.AddWithValue("uris", uris.ToArray());
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>False when the repair is over: nothing may be written.</summary>
    public async Task<bool> AnnounceAsync(Repair repair, IReadOnlyCollection<string> uris, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand(WrittenObjectSql.AnnounceOfRepair);
        command.Parameters.AddWithValue("repair", repair.RepairId);
        command.Parameters.AddWithValue("uris", uris.ToArray());
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>False when the replay is over: nothing may be written.</summary>
    public async Task<bool> AnnounceAsync(ReplayEntry replay, IReadOnlyCollection<string> uris, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand(WrittenObjectSql.AnnounceOfReplay);
        command.Parameters.AddWithValue("replay", replay.ReplayId);
        command.Parameters.AddWithValue("uris", uris.ToArray());
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Of a batch that is over.</summary>
    public Task<int> ReleaseAsync(long batchId, IReadOnlyCollection<string> uris, CancellationToken cancellationToken) =>
        ReleaseAsync(new ObjectWriter.OfBatch(batchId), uris, cancellationToken);

    /// <summary>Of a writer that is over.</summary>
    public async Task<int> ReleaseAsync(ObjectWriter writer, IReadOnlyCollection<string> uris, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand(writer is ObjectWriter.OfBatch ? WrittenObjectSql.Release : WrittenObjectSql.ReleaseOfOperation);
        if (writer is ObjectWriter.OfBatch batch)
        {
            command.Parameters.AddWithValue("batch", batch.BatchId);
        }
        else
        {
            command.Parameters.Add(Number("repair", (writer as ObjectWriter.OfRepair)?.RepairId));
            command.Parameters.Add(Number("replay", (writer as ObjectWriter.OfReplay)?.ReplayId));
        }

        command.Parameters.AddWithValue("uris", uris.ToArray());
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>What those left that are over for longer than <paramref name="age"/>; at most 100,000, the oldest first.</summary>
    public async Task<IReadOnlyList<WrittenObject>> LeftAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand(WrittenObjectSql.Left);
        command.Parameters.Add(new NpgsqlParameter("age", NpgsqlDbType.Interval) { Value = age });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var left = new List<WrittenObject>();
        while (await reader.ReadAsync(cancellationToken))
        {
            left.Add(new WrittenObject(
                WriterOf(reader), reader.GetInt32(3), reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetString(5), reader.GetFieldValue<DateTimeOffset>(6)));
        }

        return left;
    }

    private static ObjectWriter WriterOf(NpgsqlDataReader reader) => (reader.IsDBNull(0), reader.IsDBNull(1)) switch
    {
        (false, _) => new ObjectWriter.OfBatch(reader.GetInt64(0)),
        (_, false) => new ObjectWriter.OfRepair(reader.GetInt64(1)),
        _ => new ObjectWriter.OfReplay(reader.GetInt64(2)),
    };

    private static NpgsqlParameter Number(string name, long? value) => new(name, NpgsqlDbType.Bigint) { Value = (object?)value ?? DBNull.Value };
}
