using System.Globalization;

namespace Philotes.Shared;

/// <summary>A field of a composite type.</summary>
/// <param name="Number">Its attribute number, which survives a rename and is never used again.</param>
public sealed record CompositeField(int Number, string Name, PostgresType Type)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Number} \"{Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" {Type}");
}
