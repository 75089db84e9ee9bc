using Philotes.Buffer;
using Philotes.Buffer.Operations;

namespace Philotes.Capture.Tests.Copy;

/// <summary>A table that is in the lake and copied again, and a writer that only claims.</summary>
internal static class ResyncRig
{
    public const string Table = "create table t (id int primary key, pad text); insert into t select i, repeat('x', 700) from generate_series(1, 400) i";

    public static readonly Signature By = new("test", "a test");

    /// <summary>Far below what a copy brings: nothing of it may be cut.</summary>
    public static readonly ClaimLimits Limits = new(1_000_000, 20_000, TimeSpan.FromMinutes(1));

    public static async Task<RunningCapture> CopiedAsync(CaptureRig rig, CancellationToken token, string create = Table)
    {
        await rig.ExecuteAsync(create, token);
        var capture = await rig.StartAsync(token);
        await CaptureRig.UntilAsync(
            async () =>
            {
                await WriteAsync(rig, token);
                return await rig.CopyOfAsync("t", token) == "active" && await rig.BufferAsync<bool>("select bool_and(k.committed_seq = h.head_seq) from philotes.table_cursor k join philotes.table_head h using (table_id)", token);
            },
            token);
        return capture;
    }

    /// <summary>Takes what a writer would take now.</summary>
    public static async Task<List<ClaimedBatch>> WriteAsync(CaptureRig rig, CancellationToken token)
    {
        var ledger = new BatchLedger(rig.Buffer);
        var batches = new List<ClaimedBatch>();
        while (await ledger.ClaimAsync("test", Limits, token) is { } batch)
        {
            batches.Add(batch);
            await ledger.StageAsync(batch, "{}", 1, Guid.NewGuid(), token);
            await ledger.FinishAsync(batch, 1, token);
        }

        return batches;
    }

    public static Task<long> ReadsAsync(CaptureRig rig, ClaimedBatch batch, CancellationToken token) => rig.BufferAsync<long>(
        $"select count(*) from philotes.chunk c cross join lateral philotes.events_of(c.gen, c.chunk) e where c.table_id = {batch.TableId} and c.table_seq between {batch.FromSequence} and {batch.ToSequence} and e.op = 'r'", token);

    /// <summary>Waits until some ranges of the present attempt are published.</summary>
    public static Task PublishedAsync(CaptureRig rig, CancellationToken token) => CaptureRig.UntilAsync(
        async () => await rig.BufferAsync<long>("select count(*) from philotes.copy_range r join philotes.table_copy c using (table_id, attempt) where c.state = 'copying' and c.whole and done_at is not null", token) >= 3, token);
}
