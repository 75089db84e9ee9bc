using Npgsql;
using NpgsqlTypes;

namespace Philotes.Buffer;

/// <summary>
/// The list of objects that batches may have written, by name. A name enters it before the object is written, so that a crash leaves no object that is
/// not on it; it leaves when the batch is over and something refers to the object, or it is gone.
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

    /// <summary>Of a batch that is over.</summary>
    public async Task<int> ReleaseAsync(long batchId, IReadOnlyCollection<string> uris, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand(WrittenObjectSql.Release);
        command.Parameters.AddWithValue("batch", batchId);
        command.Parameters.AddWithValue("uris", uris.ToArray());
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>What batches left that were committed longer ago than <paramref name="age"/>; at most 100,000, the oldest first.</summary>
    public async Task<IReadOnlyList<WrittenObject>> LeftAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand(WrittenObjectSql.Left);
        command.Parameters.Add(new NpgsqlParameter("age", NpgsqlDbType.Interval) { Value = age });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var left = new List<WrittenObject>();
        while (await reader.ReadAsync(cancellationToken))
        {
            left.Add(new WrittenObject(reader.GetInt64(0), reader.GetInt32(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3)));
        }

        return left;
    }
}
