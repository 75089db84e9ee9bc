using System.Text.Json;
using Philotes.BatchWriter.Commit;
using Philotes.Buffer;
using Philotes.Iceberg.Metadata;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tests.Commit;

/// <summary>
/// Ledger, network, catalog and two writers in memory, one step at a time; a seed is a run. What a writer does with what it loads is decided by the
/// product's own <see cref="CommitDecision"/>. Anything may happen between two steps: a lease ends, a writer dies, a request is lost, comes late, comes
/// twice, or its answer is lost.
/// </summary>
internal sealed class CommitModel(int seed, bool assertsParent = true, bool readsMark = true)
{
    private const int Batches = 3;
    private const int StepsMax = 60;
    private static readonly Guid Uuid = Guid.Parse("00000000-0000-0000-0000-000000000001");
    private static readonly BufferedTable Source = new(1, new TableName("public", "t"), "shop", 1);

    private readonly Random _random = new(seed);
    private readonly Entry[] _ledger = [.. Enumerable.Range(1, Batches).Select(sequence => new Entry(sequence))];
    private readonly List<Request> _network = [];
    private readonly List<int> _applied = [];
    private readonly Writer[] _writers = [new(), new()];
    private TableMetadata _table = Metadata(head: 100, mark: null, history: [100]);
    private List<long> _history = [100];
    private long _tokens;
    private long _snapshots = 1_000;

    /// <summary>Null when every batch is in exactly once and in order; else what is wrong.</summary>
    public string? Run()
    {
        for (var step = 0; step < StepsMax; step++)
        {
            Disturb();
            Step(_writers[_random.Next(2)], calm: false);
        }

        // The weather clears: everything that is under way arrives, then one writer works alone.
        while (_network.Count > 0)
            Deliver(_network[0], isLast: true);
        _writers[0] = new Writer();
        foreach (var entry in _ledger)
            entry.LeaseEnded = true;
        for (var step = 0; step < 200 && _ledger.Any(entry => entry.State != "committed"); step++)
            Step(_writers[0], calm: true);
        return _applied.SequenceEqual(Enumerable.Range(1, Batches)) && _ledger.All(entry => entry.State == "committed")
            ? null
            : $"seed {seed}: applied {string.Join(' ', _applied)}, ledger {string.Join(' ', _ledger.Select(entry => entry.State))}";
    }

    private void Disturb()
    {
        switch (_random.Next(8))
        {
            case 0:
                foreach (var entry in _ledger)
                    entry.LeaseEnded = true;
                break;
            case 1:
                _writers[_random.Next(2)] = new Writer();
                break;
            case 2 when _network.Count > 0:
                Deliver(_network[_random.Next(_network.Count)], isLast: _random.Next(3) > 0);
                break;
            case 3 when _network.Count > 0:
                _network.RemoveAt(_random.Next(_network.Count));
                break;
        }
    }

    /// <summary>The catalog: takes the commit if the head is still the one that it asserts, and moves head and mark together.</summary>
    private bool Deliver(Request request, bool isLast)
    {
        if (isLast)
            _network.Remove(request);
        if (assertsParent && _table.CurrentSnapshotId != request.Parent)
            return false;
        _history = [.. _history, request.Snapshot];
        _applied.Add(request.Sequence);
        _table = Metadata(request.Snapshot, readsMark ? new HighWaterMark(request.Sequence, new Lsn(1), request.Sequence, request.Snapshot, 1) : null, _history);
        return true;
    }

    private void Step(Writer writer, bool calm)
    {
        switch (writer.At)
        {
            case "idle":
                Claim(writer);
                break;
            case "claimed":
                Stage(writer);
                break;
            case "staged" when _ledger.TakeWhile(entry => entry != writer.Entry).All(entry => entry.State == "committed"):
                Send(writer, calm);
                break;
            case "done":
                Finish(writer);
                break;
        }
    }

    private void Claim(Writer writer)
    {
        if (_ledger.FirstOrDefault(entry => entry.State == "new" || (entry.LeaseEnded && entry.State is ("claimed" or "committing"))) is not { } due)
            return;
        (due.State, due.LeaseEnded, due.Token) = (due.State == "new" ? "claimed" : due.State, false, ++_tokens);
        (writer.Entry, writer.Token, writer.At) = (due, due.Token, due.State == "committing" ? "staged" : "claimed");
    }

    private void Stage(Writer writer)
    {
        if (writer.Entry!.Token != writer.Token)
        {
            writer.At = "idle";
            return;
        }

        (writer.Entry.State, writer.Entry.Snapshot, writer.At) = ("committing", ++_snapshots, "staged");
    }

    private void Send(Writer writer, bool calm)
    {
        // One look at the table; other steps may come between it and the send.
        writer.Loaded ??= _table;
        switch (CommitDecision.Of(writer.Loaded, Batch(writer.Entry!), Source, Uuid))
        {
            case CommitDecision.Done:
                (writer.At, writer.Loaded) = ("done", null);
                return;
            case CommitDecision.Blocked:
                (writer.At, writer.Loaded) = ("idle", null);
                return;
        }

        if (!calm && _random.Next(3) == 0)
            return;
        var request = new Request(writer.Entry!.Sequence, writer.Entry.Snapshot, writer.Loaded.CurrentSnapshotId!.Value);
        writer.Loaded = null;
        _network.Add(request);
        var answer = calm ? 0 : _random.Next(4);
        if (answer <= 1 && Deliver(request, isLast: calm || _random.Next(2) == 0) && answer == 0)
            writer.At = "done";
    }

    private void Finish(Writer writer)
    {
        if (writer.Entry!.Token == writer.Token && writer.Entry.State == "committing")
            writer.Entry.State = "committed";
        writer.At = "idle";
    }

    private static ClaimedBatch Batch(Entry entry) => new(
        entry.Sequence, 1, entry.Sequence, entry.Sequence, 1, "committing", entry.Token, 1, 1, 1, new Lsn(1), DateTimeOffset.UnixEpoch, "{}", entry.Snapshot, null);

    private static TableMetadata Metadata(long head, HighWaterMark? mark, IReadOnlyList<long> history)
    {
        var properties = mark is null ? "{}" : JsonSerializer.Serialize(new Dictionary<string, string> { [HighWaterMark.PropertyOf("shop")] = mark.ToJson() });
        var snapshots = string.Join(',', history.Select((id, index) =>
            $$$"""{"snapshot-id":{{{id}}},{{{(index > 0 ? $"\"parent-snapshot-id\":{history[index - 1]}," : "")}}}"sequence-number":{{{index + 1}}},"timestamp-ms":{{{index + 1}}},"manifest-list":"m","schema-id":0,"summary":{"operation":"append"}}"""));
        return TableMetadata.Read(JsonElement.Parse($$$"""
            {"format-version":2,"table-uuid":"{{{Uuid}}}","location":"file:///t","last-sequence-number":{{{history.Count}}},"last-updated-ms":1,"last-column-id":1,
             "current-schema-id":0,"schemas":[{"schema-id":0,"type":"struct","fields":[{"id":1,"name":"id","required":false,"type":"long"}]}],
             "default-spec-id":0,"partition-specs":[{"spec-id":0,"fields":[]}],"last-partition-id":999,"default-sort-order-id":0,"sort-orders":[{"order-id":0,"fields":[]}],
             "properties":{{{properties}}},"current-snapshot-id":{{{head}}},"refs":{"main":{"snapshot-id":{{{head}}},"type":"branch"}},"snapshots":[{{{snapshots}}}]}
            """));
    }

    private sealed record Request(int Sequence, long Snapshot, long Parent);

    private sealed class Writer
    {
        public string At { get; set; } = "idle";

        public Entry? Entry { get; set; }

        public long Token { get; set; }

        public TableMetadata? Loaded { get; set; }
    }

    private sealed class Entry(int sequence)
    {
        public int Sequence { get; } = sequence;

        public string State { get; set; } = "new";

        public bool LeaseEnded { get; set; }

        public long Token { get; set; }

        public long Snapshot { get; set; }
    }
}
