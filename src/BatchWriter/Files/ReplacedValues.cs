using System.Text;
using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.BatchWriter.Files;

/// <summary>
/// What a batch replaced by NULL, with the source's text, until it is recorded. A few are held in memory; the rest waits in a file of the batch's folder,
/// so that a column full of values that do not fit costs disk and not memory. The folder goes with the batch.
/// </summary>
internal sealed class ReplacedValues(string folder) : IDisposable
{
    private const int HeldBytesMax = 4 << 20;
    private const int GroupCountMax = 1000;
    private const int OverheadBytes = 100;

    /// <summary>A longer text is kept up to here, with its length: the buffer's records are read by people.</summary>
    private const int OriginalCharactersMax = 16 << 20;

    private readonly List<ValueException> _held = [];
    private BinaryWriter? _spilled;
    private long _heldBytes;
    private long _spilledCount;

    public long Count => _spilledCount + _held.Count;

    public void Add(ValueException value)
    {
        var kept = value.Original.Length <= OriginalCharactersMax ? value
            : value with { Original = FormattableString.Invariant($"{value.Original[..OriginalCharactersMax]}… ({value.Original.Length} characters)") };
        _held.Add(kept);
        _heldBytes += OverheadBytes + (kept.Original.Length * 2L);
        if (_heldBytes > HeldBytesMax)
            Spill();
    }

    /// <summary>Everything, in groups that fit one statement.</summary>
    public IEnumerable<IReadOnlyList<ValueException>> Groups()
    {
        var group = new List<ValueException>();
        var bytes = 0L;
        foreach (var value in Spilled().Concat(_held))
        {
            group.Add(value);
            bytes += OverheadBytes + (value.Original.Length * 2L);
            if (group.Count < GroupCountMax && bytes < HeldBytesMax)
                continue;
            yield return group;
            group = [];
            bytes = 0;
        }

        if (group.Count > 0)
            yield return group;
    }

    public void Dispose() => _spilled?.Dispose();

    private void Spill()
    {
        _spilled ??= new BinaryWriter(new FileStream(Path.Combine(folder, "replaced-values"), FileMode.CreateNew, FileAccess.ReadWrite), Encoding.UTF8);
        foreach (var value in _held)
        {
            _spilled.Write(value.Generation);
            _spilled.Write(value.Chunk);
            _spilled.Write(value.Ordinal);
            _spilled.Write(value.CommitLsn.Value);
            _spilled.Write(value.TxSeq);
            _spilled.Write(value.ColumnName);
            _spilled.Write(value.Original);
            _spilled.Write(value.Code);
        }

        _spilledCount += _held.Count;
        _held.Clear();
        _heldBytes = 0;
    }

    private IEnumerable<ValueException> Spilled()
    {
        if (_spilled is null)
            yield break;
        _spilled.Flush();
        _spilled.BaseStream.Position = 0;
        using var reader = new BinaryReader(_spilled.BaseStream, Encoding.UTF8, leaveOpen: true);
        for (var i = 0L; i < _spilledCount; i++)
        {
            yield return new ValueException(
                reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt32(), new Lsn(reader.ReadUInt64()), reader.ReadInt64(),
                reader.ReadString(), reader.ReadString(), reader.ReadString());
        }
    }
}
