using Philotes.Buffer;
using Philotes.Capture.Decoding;
using Philotes.Shared;

namespace Philotes.Capture.Transactions;

/// <summary>
/// Sorts the stream into chunks: one table, one schema version, source order. Does no I/O and reads no clock.
/// <code>
/// Begin ─▶ rows: tx_seq 0, 1, 2 … ─▶ Commit        Cut():   between transactions; chunks, directory and D' go together
///            │                                     Spill(): inside one that is too big; its chunks go ahead, their
///            └─ RELATION, TRUNCATE close a chunk            directory entries wait here for its Commit
/// </code>
/// Why this is exact: a transaction counts only when its Commit was seen, and D' is the end of the last one that counts. What the buffer
/// already has comes again after a restart, whole, and is skipped whole; its rows are counted all the same, so a row's (commit LSN, tx_seq)
/// is the same at every attempt. A chunk is marked open when its last transaction goes on in the table's next chunk, so that a batch never
/// ends inside a transaction; only a change of schema ends it there, because a batch has one schema.
/// </summary>
internal sealed class TransactionAssembler(Lsn from, Func<int, int, EventChunk> openChunk) : IDisposable
{
    private const int RowOverheadBytes = 96;

    private readonly Lsn _from = from;
    private readonly Dictionary<uint, TableAssembly?> _relations = [];
    private readonly List<TableAssembly> _opened = [];
    private readonly List<EventChunk> _directory = [];
    private List<EventChunk> _copies = [];
    private BeginMessage _begin;
    private long _transaction;
    private bool _skip;
    private long _sequence;
    private uint _lastOid;
    private TableAssembly? _lastTable;
    private bool _hasLast;
    private long _rows;
    private int _transactions;

    public bool InTransaction { get; private set; }

    /// <summary>The open transaction is in the buffer already: its rows are counted and dropped.</summary>
    public bool IsSkipping => InTransaction && _skip;

    /// <summary>The transaction that is open, or was last.</summary>
    public uint Xid => _begin.Xid;

    /// <summary>Rows wait for a flush.</summary>
    public bool HasRows => _rows > 0;

    /// <summary>End of the last complete transaction.</summary>
    public Lsn Complete { get; private set; } = from;

    /// <summary>Where the stream stands: the open transaction's commit, else the end of the last.</summary>
    public Lsn Position => InTransaction ? _begin.CommitLsn : Complete;

    /// <summary>Rows and bytes in memory: not yet handed over for copying.</summary>
    public int HeldRows { get; private set; }

    public long HeldBytes { get; private set; }

    /// <summary>Bytes of the transaction that is open, copied or not.</summary>
    public long OpenTransactionBytes { get; private set; }

    /// <summary>From now on rows of this relation go to <paramref name="table"/>; null when nobody wants them.</summary>
    public void Describe(uint relationOid, CapturedTable? table)
    {
        _hasLast = false;
        if (table is null || !_relations.TryGetValue(relationOid, out var known) || known is null || known.Table.TableId != table.TableId)
        {
            Close(_relations.GetValueOrDefault(relationOid));
            _relations[relationOid] = table is null ? null : new TableAssembly(table);
        }
        else if (known.Table != table)
        {
            Close(known);
            known.Table = table;
        }
    }

    public void Begin(BeginMessage begin)
    {
        if (InTransaction)
        {
            throw Broken($"a transaction began at {begin.CommitLsn} inside that of {_begin.CommitLsn}");
        }

        _begin = begin;
        _skip = begin.CommitLsn < _from;
        _sequence = 0;
        _transaction++;
        OpenTransactionBytes = 0;
        InTransaction = true;
    }

    /// <summary>The row's transaction committed behind the last look at the composite types of its table.</summary>
    public bool NeedsLook(uint relationOid) => !_skip && Find(relationOid)?.Table.Shape is { } shape && _begin.CommitLsn >= shape.KnownUntil;

    /// <summary>What a row is of that lies between two states of a composite type; null when its table's version has it right.</summary>
    public CompositeChoice? Choose(in RowMessage row) => _skip ? null : Find(row.RelationOid)?.Table.Shape?.Choose(row, _begin.Xid);

    /// <summary>Column to number of fields, for the composite values of a row that do not look as its table's schema says; null when nothing is amiss.</summary>
    public IReadOnlyDictionary<int, int>? Misfits(in RowMessage row)
    {
        if (_skip || Find(row.RelationOid)?.Table.Shape is not { } shape)
        {
            return null;
        }

        return (row.HasNew ? shape.Misfits(row.New) : null) ?? (row.HasOld ? shape.Misfits(row.Old) : null);
    }

    public void Row(in RowMessage row)
    {
        var sequence = Next();
        if (!_skip && Find(row.RelationOid) is { } table)
        {
            Append(table, row, sequence);
        }
    }

    public void Truncate(TruncateMessage truncate)
    {
        foreach (var oid in truncate.RelationOids)
        {
            var sequence = Next();
            if (!_skip && Find(oid) is { } table)
            {
                Close(table);
                Append(table, new RowMessage(oid, ChangeKind.Truncate), sequence);
                Close(table);
            }
        }
    }

    public void Commit(CommitMessage commit)
    {
        if (!InTransaction || commit.CommitLsn != _begin.CommitLsn || _skip != commit.EndLsn <= _from || (!_skip && commit.EndLsn <= Complete))
        {
            throw Broken($"the commit {commit.CommitLsn} to {commit.EndLsn} does not belong behind {Complete}");
        }

        InTransaction = false;
        OpenTransactionBytes = 0;
        if (!_skip)
        {
            Complete = commit.EndLsn;
            _transactions++;
        }
    }

    /// <summary>Everything up to the last commit, as one step. Only between transactions.</summary>
    public FlushStep Cut()
    {
        if (InTransaction)
        {
            throw Broken("a flush was cut inside a transaction");
        }

        var copies = TakeCopies();
        var step = new FlushStep(copies, [.. _directory], Complete, _rows, _transactions, _transactions > 0 ? _begin.CommitTimestamp : null);
        _directory.Clear();
        _rows = 0;
        _transactions = 0;
        return step;
    }

    /// <summary>What the open transaction holds in memory, to be copied ahead of its commit.</summary>
    public FlushStep Spill() => new(TakeCopies(), [], Durable: null, Rows: 0, Transactions: 0, CommittedAt: null);

    /// <summary>Gives back the memory of what was never handed over.</summary>
    public void Dispose()
    {
        foreach (var chunk in _directory)
        {
            chunk.Dispose();
        }

        _directory.Clear();
    }

    private List<EventChunk> TakeCopies()
    {
        foreach (var table in _opened)
        {
            table.Open = null;
        }

        _opened.Clear();
        var copies = _copies;
        _copies = [];
        HeldRows = 0;
        HeldBytes = 0;
        return copies;
    }

    private void Append(TableAssembly table, in RowMessage row, long sequence)
    {
        var chunk = table.Open ?? Open(table);
        var mask = table.Table.Mask;
        var old = mask is null ? row.Old : mask.Old(row.Old);
        var image = mask is null ? row.New : mask.New(row.New);
        chunk.Append(row.Kind, _begin.CommitLsn, sequence, _begin.Xid, _begin.CommitTimestamp, old, row.HasOld, image, row.HasNew);
        table.LastChunk = chunk;
        table.LastTransaction = _transaction;
        var bytes = RowOverheadBytes + old.Length + image.Length;
        HeldRows++;
        HeldBytes += bytes;
        OpenTransactionBytes += bytes;
        _rows++;
    }

    private EventChunk Open(TableAssembly table)
    {
        var chunk = openChunk(table.Table.TableId, table.Table.SchemaId);
        if (table.LastTransaction == _transaction && table.LastChunk is { } previous && previous.SchemaId == chunk.SchemaId)
        {
            previous.TransactionOpen = true;
        }

        table.Open = chunk;
        _opened.Add(table);
        _copies.Add(chunk);
        _directory.Add(chunk);
        return chunk;
    }

    private static void Close(TableAssembly? table)
    {
        if (table is not null)
        {
            table.Open = null;
        }
    }

    private long Next() => InTransaction ? _sequence++ : throw Broken("a row came outside a transaction");

    private TableAssembly? Find(uint oid)
    {
        if (!_hasLast || _lastOid != oid)
        {
            _lastTable = _relations.TryGetValue(oid, out var table) ? table : throw Broken($"a row came for relation {oid}, which was never described");
            _lastOid = oid;
            _hasLast = true;
        }

        return _lastTable;
    }

    private static PhilotesException Broken(string how) =>
        new("PH900", $"The replication stream broke its own rules: {how}. Nothing of it was acknowledged; report this.");
}
