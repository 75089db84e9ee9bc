using System.Text.Json.Nodes;

namespace Philotes.SqlCatalog.Namespaces;

/// <summary>
/// The levels of a namespace. The JDBC layout stores them joined by dots, so a level with a dot in it could not be told
/// from two levels: it is refused here, at the edge.
/// </summary>
internal sealed class NamespaceName
{
    const int StoredLengthMax = 255;
    const char Separator = '\u001F';

    NamespaceName(IReadOnlyList<string> levels) => (Levels, Stored) = (levels, string.Join('.', levels));

    public IReadOnlyList<string> Levels { get; }

    /// <summary>As the database holds it: levels joined by dots.</summary>
    public string Stored { get; }

    public static NamespaceName Of(IReadOnlyList<string> levels)
    {
        if (levels.Count == 0 || levels.Any(string.IsNullOrEmpty))
            throw CatalogException.BadRequest("A namespace needs at least one level, and no level may be empty.");
        if (levels.FirstOrDefault(l => l.Contains('.') || l.Any(char.IsControl)) is { } bad)
            throw CatalogException.BadRequest($"Namespace level '{bad}': dots and control characters cannot be stored.");
        var name = new NamespaceName(levels);
        return name.Stored.Length <= StoredLengthMax ? name : throw CatalogException.BadRequest($"A namespace may have {StoredLengthMax} characters at most.");
    }

    /// <summary>From one decoded path segment or query value, its levels separated by U+001F.</summary>
    public static NamespaceName Parse(string decoded) => Of(decoded.Split(Separator));

    public static NamespaceName FromStored(string stored) => new(stored.Split('.'));

    public JsonArray ToJson() => new([.. Levels.Select(l => (JsonNode?)JsonValue.Create(l))]);

    public override string ToString() => Stored;
}
