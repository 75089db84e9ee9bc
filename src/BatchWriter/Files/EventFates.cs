using System.Security.Cryptography;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>
/// Stands between the events of a batch and its files, and decides which of them are written: what is parked or written off is left out, what a
/// person has corrected is written as corrected, and under <c>on_poison: park-key</c> whatever follows a parked change of the same key is parked
/// behind it. It also knows which event was being encoded when something failed, so that one bad event is not a bad batch.
/// </summary>
internal sealed class EventFates(TableSchema schema, OnPoison policy)
{
    private readonly Dictionary<(long, int), EventFate> _fates = [];
    private readonly HashSet<(long, int)> _poison = [];
    private readonly Dictionary<string, ParkedEvent> _parkedNow = [];
    private readonly Dictionary<(long, int), byte[]> _rejectedKeys = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private HashSet<string> _parkedKeys = [];
    private EventPlace? _current;
    private string? _currentKey;

    /// <summary>Only events at these places; null for all.</summary>
    public IReadOnlySet<(long Chunk, int Ordinal)>? Only { get; init; }

    /// <summary>Only events committed within these positions; null for all.</summary>
    public (Lsn From, Lsn To)? Window { get; init; }

    /// <summary>Events of the batch that this pass did not hand on.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Events that this attempt parks: poison, and what follows it under the same key.</summary>
    public IReadOnlyCollection<ParkedEvent> Parked => _parkedNow.Values;

    /// <summary>How many events the pass has begun, whatever became of them.</summary>
    public long Seen { get; private set; }

    /// <summary>Only events of this range of <see cref="Seen"/> are handed on: for a search. Null for all.</summary>
    public (long From, long To)? Range { get; set; }

    public static async Task<EventFates> LoadAsync(
        DeadLetters letters, ClaimedBatch batch, TableSchema schema, OnPoison policy, CancellationToken cancellationToken, (Lsn From, Lsn To)? window = null)
    {
        var fates = new EventFates(schema, policy) { Window = window };
        await fates.AddAsync(letters, batch, cancellationToken);
        if (policy == OnPoison.ParkKey)
            fates._keys.UnionWith((await letters.ParkedKeysAsync(batch.TableId, cancellationToken)).Select(Convert.ToHexString));
        return fates;
    }

    /// <summary>What stands decided of the events of a part that the batch has taken up.</summary>
    public async Task AddAsync(DeadLetters letters, ClaimedBatch part, CancellationToken cancellationToken)
    {
        foreach (var fate in await letters.FatesAsync(part.TableId, part.FromSequence, part.ToSequence, cancellationToken))
            _fates[(fate.Chunk, fate.Ordinal)] = fate;
    }

    /// <summary>Gives events their corrected images, whatever stands decided.</summary>
    public void Rewrite(long chunk, int ordinal, byte[] tuple) => _fates[(chunk, ordinal)] = new EventFate(chunk, ordinal, "rewritten", tuple);

    /// <summary>A new pass over the batch: what was found to be poison before is left out of it.</summary>
    public void Begin()
    {
        (LeftOut, Seen, _current) = (0, 0, null);
        _parkedKeys = [.. _keys];
        foreach (var follower in _parkedNow.Where(entry => entry.Value.Code == "PH404").Select(entry => entry.Key).ToList())
            _parkedNow.Remove(follower);
    }

    /// <summary>Hands one event on, or leaves it out.</summary>
    public void Append(in EventRow row, DataFileWriter files)
    {
        var index = Seen++;
        var place = (row.Chunk, row.Ordinal);
        if ((Only is not null && !Only.Contains(place)) || (Window is { } window && (row.CommitLsn < window.From || row.CommitLsn > window.To))
            || (Range is { } range && (index < range.From || index >= range.To)))
        {
            LeftOut++;
            return;
        }

        var key = policy == OnPoison.ParkKey && Only is null ? KeyOf(row) : null;
        var fate = _fates.Count == 0 ? null : _fates.GetValueOrDefault(place);
        if (_poison.Contains(place) || (fate is not null && Only is null && fate.Resolution != "rewritten"))
        {
            LeftOut++;
            Note(key);
            return;
        }

        if (key is not null && (_parkedKeys.Contains(key) || (OldKeyOf(row) is { } old && _parkedKeys.Contains(old))))
        {
            LeftOut++;
            Park(row, "PH404", "An earlier change of this key is parked, and on_poison is park-key: it waits behind it.", key);
            return;
        }

        (_current, _currentKey) = (new EventPlace(row.Generation, row.Chunk, row.Ordinal, row.CommitLsn, row.TxSeq), key);
        var rejected = files.Parked.Count;
        if (fate?.Rewritten is { } rewritten)
            files.Append(WithNew(row, rewritten));
        else
            files.Append(row);
        _current = null;
        if (files.Parked.Count > rejected && key is not null)
        {
            _rejectedKeys[place] = Convert.FromHexString(key);
            Note(key);
        }
    }

    /// <summary>Whether <paramref name="failure"/> came while an event was being encoded, and is the event's fault rather than somebody else's.</summary>
    public bool IsOfEvent(Exception failure) => _current is not null && IsOfData(failure);

    /// <summary>Leaves the event that failed out of the next pass, and parks it. Throws PH405 where the policy is to block the table.</summary>
    public void LeaveOut(Exception failure)
    {
        var at = _current!.Value;
        var text = $"The event at {at.Position} of {schema.Name} cannot be encoded: {failure.Message}";
        if (policy == OnPoison.BlockTable)
        {
            throw new PhilotesException("PH405",
                $"{text} The table waits (on_poison: block-table). Look at it with 'philotes events show {at.Position}'; 'on_poison: park' lets the table go on without it.", failure);
        }

        _poison.Add((at.Chunk, at.Ordinal));
        _parkedNow[at.Position] = new ParkedEvent(at.Generation, at.Chunk, at.Ordinal, "PH405", text, HashOf(_currentKey));
    }

    /// <summary>The event at this place of the batch is poison: found by a search.</summary>
    public void Poison(in EventRow row, string text)
    {
        if (policy == OnPoison.BlockTable)
            throw new PhilotesException("PH405", $"The event at {row.CommitLsn}:{row.TxSeq} of {schema.Name} cannot be encoded: {text} The table waits (on_poison: block-table).");
        _poison.Add((row.Chunk, row.Ordinal));
        Park(row, "PH405", $"The event at {row.CommitLsn}:{row.TxSeq} of {schema.Name} cannot be encoded: {text}", policy == OnPoison.ParkKey ? KeyOf(row) : null);
    }

    /// <summary>What the encoder parked, with the key that later changes wait behind.</summary>
    public IEnumerable<ParkedEvent> WithKeys(IEnumerable<ParkedEvent> parked) =>
        policy == OnPoison.ParkKey ? parked.Select(item => item with { KeyHash = _rejectedKeys.GetValueOrDefault((item.Chunk, item.Ordinal)) }) : parked;

    private void Park(in EventRow row, string code, string text, string? key)
    {
        _parkedNow[FormattableString.Invariant($"{row.CommitLsn}:{row.TxSeq}")] = new ParkedEvent(row.Generation, row.Chunk, row.Ordinal, code, text, HashOf(key));
        Note(key);
    }

    private void Note(string? key)
    {
        if (key is not null)
            _parkedKeys.Add(key);
    }

    private static bool IsOfData(Exception failure) => failure is PhilotesException { Code: "PH401" or "PH900" }
        or FormatException or OverflowException or ArgumentException or IndexOutOfRangeException or InvalidOperationException;

    private static byte[]? HashOf(string? key) => key is null ? null : Convert.FromHexString(key);

    private string? KeyOf(in EventRow row) => row.HasNew ? Hash(row.NewRow) : row.HasOld ? Hash(row.OldRow) : null;

    private string? OldKeyOf(in EventRow row) => row is { HasNew: true, HasOld: true } ? Hash(row.OldRow) : null;

    /// <summary>Over the key columns' texts, each with its length; null where the table has no key, or the tuple is torn.</summary>
    private string? Hash(ReadOnlySpan<byte> tuple)
    {
        if (!schema.Columns.Any(column => column.IsKey))
            return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        try
        {
            var reader = new TupleReader(tuple);
            foreach (var column in schema.Columns)
            {
                var kind = reader.Next(out var text);
                if (!column.IsKey)
                    continue;
                System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(length, kind == TupleValueKind.Text ? text.Length : -1);
                hash.AppendData(length);
                hash.AppendData(text);
            }
        }
        catch (PhilotesException)
        {
            return null;
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static EventRow WithNew(in EventRow row, byte[] tuple) => new()
    {
        Op = row.Op,
        CommitLsn = row.CommitLsn,
        TxSeq = row.TxSeq,
        Xid = row.Xid,
        CommitTimestampMicros = row.CommitTimestampMicros,
        HasOld = row.HasOld,
        HasNew = true,
        OldRow = row.OldRow,
        NewRow = tuple,
        Generation = row.Generation,
        Chunk = row.Chunk,
        Ordinal = row.Ordinal,
    };
}
