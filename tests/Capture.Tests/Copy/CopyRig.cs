using Philotes.Buffer;
using Philotes.Capture.Copy;
using Philotes.Testing;

namespace Philotes.Capture.Tests.Copy;

/// <summary>What the tests of copying ask of a rig.</summary>
internal static class CopyRig
{
    /// <summary>One block per range, so that a small table has many.</summary>
    public const long BlockBytes = 8192;

    public static async Task<CaptureRig> CreateAsync(CancellationToken cancellationToken, Philotes.Testing.PostgresServer? source = null)
    {
        var rig = await CaptureRig.CreateAsync(cancellationToken, source);
        rig.Settings = rig.Settings with
        {
            Copy = new CopySettings { Wanted = static _ => true, ChunkBytes = BlockBytes, Look = TimeSpan.FromMilliseconds(20), RetryDelay = TimeSpan.FromMilliseconds(100) },
        };
        return rig;
    }

    /// <summary>Waits until tables are copied and their changes entered.</summary>
    public static async Task CopiedAsync(this CaptureRig rig, int tables, CancellationToken cancellationToken)
    {
        await CaptureRig.UntilAsync(
            async () => await rig.BufferAsync<long>("select count(*) from philotes.table_copy where state = 'active'", cancellationToken) == tables, cancellationToken);
        await LedgerInvariants.CheckAsync(rig.Buffer);
    }

    /// <summary>
    /// The copy stands still in its middle, behind some seven parts of a table of such rows as these tests have: as much as may wait for the lake waits, and goes on when it is taken
    /// (<see cref="TakenUntilAsync"/>), or when another session may have more waiting.
    /// </summary>
    public static CopySettings Halting(this CopySettings copy) => copy with { Connections = 1, BufferBytes = 60_000 };

    /// <summary>Takes what is copied as a writer would, until something is so.</summary>
    public static async Task TakenUntilAsync(this CaptureRig rig, Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        var ledger = new BatchLedger(rig.Buffer);
        var limits = new ClaimLimits(1_000_000, 1L << 30, TimeSpan.FromMinutes(1));
        await CaptureRig.UntilAsync(
            async () =>
            {
                while (await ledger.ClaimAsync("test", limits, cancellationToken) is { } batch)
                {
                    await ledger.StageAsync(batch, "{}", 1, Guid.NewGuid(), cancellationToken);
                    await ledger.FinishAsync(batch, 1, cancellationToken);
                }

                return await condition();
            },
            cancellationToken);
    }

    /// <summary>As <see cref="CopiedAsync"/>, of copies that go on only while somebody takes what they bring.</summary>
    public static async Task CopiedAndTakenAsync(this CaptureRig rig, int tables, CancellationToken cancellationToken)
    {
        await rig.TakenUntilAsync(
            async () => await rig.BufferAsync<long>("select count(*) from philotes.table_copy where state = 'active'", cancellationToken) == tables, cancellationToken);
        await LedgerInvariants.CheckAsync(rig.Buffer);
    }

    public static Task PartsAsync(this CaptureRig rig, int parts, CancellationToken cancellationToken) => CaptureRig.UntilAsync(
        async () => await rig.BufferAsync<long>("select count(*) from philotes.copy_range where done_at is not null", cancellationToken) >= parts, cancellationToken);

    public static Task<string> CopyOfAsync(this CaptureRig rig, string table, CancellationToken cancellationToken) => rig.BufferAsync<string>(
        $"select coalesce((select c.state || coalesce(' ' || c.error_code, '') from philotes.table_copy c join philotes.source_table t using (table_id) where t.table_name = '{table}'), 'none')",
        cancellationToken);

    /// <summary>Rows of a table by its key in the first column, as the changelog in the buffer folds to them.</summary>
    public static async Task<SortedDictionary<string, string>> FoldAsync(this CaptureRig rig, string table, CancellationToken cancellationToken) =>
        Fold(await rig.EventsAsync(cancellationToken), table);

    public static SortedDictionary<string, string> Fold(IEnumerable<CapturedEvent> events, string table)
    {
        var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var change in events.Where(change => change.Table == table))
        {
            switch (change.Op)
            {
                case 't':
                    rows.Clear();
                    break;
                case 'd':
                    Assert.That(rows.Remove(change.Old![0]!), Is.True, $"{change} at {change.CommitLsn}: the row must be there");
                    break;
                case 'u':
                    Assert.That(rows.Remove((change.Old ?? change.New!)[0]!), Is.True, $"{change} at {change.CommitLsn}: the row must be there");
                    rows.Add(change.New![0]!, string.Join('|', change.New));
                    break;
                default:
                    Assert.That(rows.TryAdd(change.New![0]!, string.Join('|', change.New)), Is.True, $"{change} at {change.CommitLsn}: the row must not be there yet");
                    break;
            }
        }

        return rows;
    }

    /// <summary>The same of the source.</summary>
    public static async Task<SortedDictionary<string, string>> SourceRowsAsync(this CaptureRig rig, string table, CancellationToken cancellationToken)
    {
        await using var command = rig.Source.CreateCommand($"select array_to_string(array(select value from json_each_text(row_to_json(t))), '|', '') from \"{table}\" t");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(reader.GetString(0).Split('|')[0], reader.GetString(0));
        }

        return rows;
    }
}
