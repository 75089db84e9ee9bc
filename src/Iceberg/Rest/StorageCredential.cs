namespace Philotes.Iceberg.Rest;

/// <summary>Storage properties for the files whose URI starts with the prefix; the longest matching prefix wins.</summary>
public sealed record StorageCredential(string Prefix, IReadOnlyDictionary<string, string> Config)
{
    public override string ToString() => $"credential for {Prefix}";
}
