using System.Text.Json.Nodes;
using Philotes.SqlCatalog.Metadata;
using Philotes.SqlCatalog.Namespaces;

namespace Philotes.SqlCatalog.Entries;

/// <summary>Full name of a table or a view.</summary>
internal sealed record EntryName(NamespaceName Namespace, string Name)
{
    const int LengthMax = 255;

    public static EntryName Of(NamespaceName ns, string name)
    {
        if (name.Length is 0 or > LengthMax || name.Any(char.IsControl))
            throw CatalogException.BadRequest($"A name has 1 to {LengthMax} characters, none of them a control character.");
        return new EntryName(ns, name);
    }

    /// <summary>From the protocol's identifier object.</summary>
    public static EntryName FromJson(JsonObject identifier) =>
        Of(NamespaceName.Of(identifier.Texts("namespace")), identifier.Text("name"));

    public JsonObject ToJson() => new() { ["namespace"] = Namespace.ToJson(), ["name"] = Name };

    public override string ToString() => $"{Namespace}.{Name}";
}
