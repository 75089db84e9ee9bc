namespace Philotes.Iceberg.Parquet;

/// <summary>A value of Thrift's compact protocol as it was read: nothing is lost by writing it back, known or unknown.</summary>
internal abstract record ThriftValue
{
    private ThriftValue()
    {
    }

    public sealed record Boolean(bool Value) : ThriftValue;

    /// <param name="Width">Byte, Int16, Int32 or Int64: all but the first look the same on the wire.</param>
    public sealed record Integer(ThriftType Width, long Value) : ThriftValue;

    public sealed record Double(double Value) : ThriftValue;

    public sealed record Binary(byte[] Value) : ThriftValue;

    /// <param name="Kind">List or Set.</param>
    public sealed record List(ThriftType Kind, ThriftType ElementType, List<ThriftValue> Elements) : ThriftValue;

    /// <summary>Fields by id, in the order of the wire.</summary>
    public sealed record Struct(SortedDictionary<short, ThriftValue> Fields) : ThriftValue
    {
        public ThriftValue? this[short id] => Fields.GetValueOrDefault(id);

        public long? Long(short id) => this[id] is Integer integer ? integer.Value : null;

        public byte[]? Bytes(short id) => this[id] is Binary binary ? binary.Value : null;

        public Struct? Inner(short id) => this[id] as Struct;

        public IEnumerable<Struct> Structs(short id) => this[id] is List list ? list.Elements.OfType<Struct>() : [];
    }
}
