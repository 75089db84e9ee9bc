using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Philotes.DuckDb;

/// <summary>
/// One column of a chunk, or a child of one. Values are stored as the engine stores them: dates as days and times as
/// microseconds (since 1970), decimals as unscaled integers of 2, 4, 8 or 16 bytes by precision (4, 9, 18, 38), uuids as
/// <see cref="UuidValue"/> tells. A list or map column holds entries into <see cref="Child"/>; a map's child is a struct of key
/// and value. A row that was neither set nor made null holds garbage.
/// </summary>
public sealed unsafe class Vector
{
    // The engine's string: int32 length, then the bytes themselves, behind them zeros, if they have room in twelve (duckdb.h, duckdb_string_t).
    private const int TextWidth = 16;
    private const int ShortTextLengthMax = 12;

    private readonly Vector[] _children;
    private readonly int _width;
    private nint _handle;
    private void* _data;
    private ulong* _validity;
    private int _listSize;
    private long _textByteCount;

    internal Vector(DuckDbType type)
    {
        Type = type;
        _width = type.ValueByteCount;
        _children = type.Id switch
        {
            DuckDbTypeId.Map => [new Vector(DuckDbType.Struct(type.Fields))],
            _ => type.Fields.Select(field => new Vector(field.Type)).ToArray(),
        };
    }

    public DuckDbType Type { get; }

    /// <summary>Rows that fit: that of the chunk, or what a list reserved for its child.</summary>
    public int Capacity { get; private set; }

    /// <summary>The elements of a list; the entries of a map.</summary>
    public Vector Child => IsList ? _children[0] : throw new InvalidOperationException($"A vector of {Type.Id} has no list child.");

    /// <summary>The fields of a struct, in its type's order.</summary>
    public IReadOnlyList<Vector> Fields => Type.Id == DuckDbTypeId.Struct ? _children : [];

    /// <summary>Elements of all list entries so far; the next entry's offset.</summary>
    public int ListSize => _listSize;

    public bool HasNulls => _validity != null;

    /// <summary>Room for its values, and what its texts take.</summary>
    internal long ByteCount => ((long)Capacity * _width) + _textByteCount + _children.Sum(child => child.ByteCount);

    internal long TextByteCount => _textByteCount + _children.Sum(child => child.TextByteCount);

    private bool IsList => Type.Id is DuckDbTypeId.List or DuckDbTypeId.Map;

    /// <summary>The stored values, one for each row of <see cref="Capacity"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Values<T>() where T : unmanaged
    {
        if (sizeof(T) != _width)
            ThrowWrongWidth(sizeof(T));
        return new Span<T>(_data, Capacity);
    }

    public bool IsNull(int row) => _validity != null && (_validity[row >> 6] & (1UL << (row & 63))) == 0;

    /// <summary>Makes the row null, in a struct's fields too.</summary>
    public void SetNull(int row)
    {
        CheckRow(row);
        if (_validity == null)
        {
            NativeMethods.EnsureValidityWritable(_handle);
            _validity = NativeMethods.VectorValidity(_handle);
        }
        _validity[row >> 6] &= ~(1UL << (row & 63));
        if (IsList)
            Values<ListEntry>()[row] = default;
        foreach (var field in Fields)
            field.SetNull(row);
    }

    /// <summary>Takes <see cref="SetNull"/> back, in a struct's fields too: the row is what is set next.</summary>
    public void ClearNull(int row)
    {
        CheckRow(row);
        if (_validity != null)
            _validity[row >> 6] |= 1UL << (row & 63);
        foreach (var field in Fields)
            field.ClearNull(row);
    }

    /// <summary>Copies a text (which must be UTF-8) or binary value in.</summary>
    public void SetText(int row, ReadOnlySpan<byte> bytes)
    {
        CheckRow(row);
        if (Type.Id == DuckDbTypeId.Text ? !Utf8.IsValid(bytes) : Type.Id != DuckDbTypeId.Blob)
            ThrowNotText();
        _textByteCount += bytes.Length;
        if (bytes.Length <= ShortTextLengthMax)
        {
            SetShortText((byte*)_data + (row * TextWidth), bytes);
            return;
        }

        fixed (byte* start = bytes)
            NativeMethods.AssignBytes(_handle, (ulong)row, start, (ulong)bytes.Length);
    }

    /// <summary>What the engine does as well, without a call into it.</summary>
    private static void SetShortText(byte* target, ReadOnlySpan<byte> bytes)
    {
        *(ulong*)target = 0;
        *(ulong*)(target + sizeof(ulong)) = 0;
        *(int*)target = bytes.Length;
        bytes.CopyTo(new Span<byte>(target + sizeof(int), ShortTextLengthMax));
    }

    /// <summary>Room for this many elements in all; spans of the child taken before are stale after it.</summary>
    public void ReserveList(int elementCount)
    {
        var child = Child;
        if (elementCount <= child.Capacity)
            return;
        var capacity = (int)Math.Min(Array.MaxLength, Math.Max(elementCount, child.Capacity * 2L));
        if (NativeMethods.ListReserve(_handle, (ulong)capacity) != 0)
            throw new DuckDbException($"DuckDB did not reserve {capacity} list elements.");
        child.Rebind(NativeMethods.ListChild(_handle), capacity);
    }

    public void SetListEntry(int row, int offset, int length)
    {
        CheckRow(row);
        Values<ListEntry>()[row] = new ListEntry((ulong)offset, (ulong)length);
        _listSize = Math.Max(_listSize, offset + length);
    }

    /// <summary>Opens the row's list of this many elements after all earlier ones; returns the child's first row of it.</summary>
    public int AddList(int row, int length)
    {
        var offset = _listSize;
        ReserveList(checked(offset + length));
        SetListEntry(row, offset, length);
        return offset;
    }

    internal void Bind(nint handle, int capacity)
    {
        _listSize = 0;
        _textByteCount = 0;
        _validity = null;
        Attach(handle, capacity);
        for (var i = 0; i < _children.Length; i++)
            _children[i].Bind(ChildHandle(i), capacity);
    }

    /// <summary>Tells the engine how many elements the lists have.</summary>
    internal void Seal()
    {
        if (IsList && NativeMethods.ListSetSize(_handle, (ulong)_listSize) != 0)
            throw new DuckDbException("DuckDB did not take the size of a list.");
        foreach (var child in _children)
            child.Seal();
    }

    /// <summary>Takes up what moved when the list above grew. A list's own child did not.</summary>
    private void Rebind(nint handle, int capacity)
    {
        Attach(handle, capacity);
        _validity = _validity == null ? null : NativeMethods.VectorValidity(handle);
        if (IsList)
            return;
        for (var i = 0; i < _children.Length; i++)
            _children[i].Rebind(ChildHandle(i), capacity);
    }

    private void Attach(nint handle, int capacity)
    {
        _handle = handle;
        _data = NativeMethods.VectorData(handle);
        Capacity = capacity;
    }

    private nint ChildHandle(int index) => IsList ? NativeMethods.ListChild(_handle) : NativeMethods.StructChild(_handle, (ulong)index);

    private void CheckRow(int row) => ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Capacity, nameof(row));

    private void ThrowWrongWidth(int byteCount) =>
        throw new InvalidOperationException($"A value of {Type.Id} has {Type.ValueByteCount} bytes in its vector, not {byteCount}.");

    private void ThrowNotText() => throw new DuckDbException(
        Type.Id == DuckDbTypeId.Text ? "A text value is not UTF-8." : $"A vector of {Type.Id} takes no text.");
}
