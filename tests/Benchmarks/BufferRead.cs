using System.Buffers;
using System.Diagnostics;
using Npgsql;
using Philotes.Testing;

namespace Philotes.Benchmarks;

/// <summary>The limit of the writer: the same rows leave the buffer by COPY and are thrown away.</summary>
internal static class BufferRead
{
    public static async Task<TimeSpan> MeasureAsync(Pipeline pipeline, CancellationToken cancellationToken)
    {
        await using var connection = await pipeline.Buffer.OpenConnectionAsync(cancellationToken);
        var elapsed = Stopwatch.StartNew();
        await using var copy = await connection.BeginRawBinaryCopyAsync(
            "copy (select ord, op, commit_lsn, tx_seq, xid, commit_ts, old_row, new_row from philotes.event) to stdout (format binary)", cancellationToken);
        var bytes = ArrayPool<byte>.Shared.Rent(1 << 16);
        while (await copy.ReadAsync(bytes, cancellationToken) > 0)
        {
        }

        ArrayPool<byte>.Shared.Return(bytes);
        return elapsed.Elapsed;
    }
}
