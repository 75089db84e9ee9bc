using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Philotes.Iceberg.Types;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tables;

/// <summary>
/// What each field of a changelog table is for, by field id, so that a rename in the lake breaks nothing. Kept as JSON in the table property
/// <see cref="Property"/>:
/// <code>{"version":12,"source":{"1":{"name":"id","number":1,"incarnation":1,"version":1,"since":3,"given":"id"}},"ours":{"_cdc_operation":3}}</code>
/// Several fields can belong to one source column: after a change of type that Iceberg cannot follow, the newer one is <c>name__v2</c>.
/// </summary>
/// <param name="Version">The newest schema version that the table was brought to. An older one, written again, renames and drops nothing.</param>
/// <param name="Sources">Field id to what it takes; for the fields of <c>_cdc_before</c> too.</param>
/// <param name="Ours">One of <see cref="OurColumns"/> to its field id.</param>
internal sealed record FieldRoles(int Version, ImmutableSortedDictionary<int, SourceField> Sources, ImmutableSortedDictionary<string, int> Ours)
{
    public const string Property = "philotes.columns";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static FieldRoles Empty { get; } =
        new(0, ImmutableSortedDictionary<int, SourceField>.Empty, ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal));

    /// <exception cref="PhilotesException">PH304: the property is not ours any more.</exception>
    public static FieldRoles Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var sources = root.GetProperty("source").EnumerateObject()
                .ToImmutableSortedDictionary(entry => int.Parse(entry.Name, CultureInfo.InvariantCulture), entry => entry.Value.Deserialize<SourceField>(Json)!);
            var ours = root.GetProperty("ours").EnumerateObject()
                .ToImmutableSortedDictionary(entry => entry.Name, entry => entry.Value.GetInt32(), StringComparer.Ordinal);
            return new FieldRoles(root.GetProperty("version").GetInt32(), sources, ours);
        }
        catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new PhilotesException("PH304", $"The table property {Property} is not what Philotes wrote there. Restore it, or drop the table to have it made again.", malformed);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(new { version = Version, source = Sources, ours = Ours }, Json);

    /// <summary>The same but for the version, which alone is no reason to change the table.</summary>
    public bool IsLike(FieldRoles other) => Sources.SequenceEqual(other.Sources) && Ours.SequenceEqual(other.Ours);

    /// <summary>The fields among <paramref name="fields"/> that take a column's values, oldest first.</summary>
    public IEnumerable<NestedField> FieldsOf(IEnumerable<NestedField> fields, TableSchema source, ColumnSchema column) =>
        fields.Where(field => Sources.TryGetValue(field.Id, out var role) && role.Takes(source, column)).OrderBy(field => Sources[field.Id].Version);

    /// <summary>The same roles under the ids that a catalog gave out for <paramref name="sent"/>; fields keep their places.</summary>
    public FieldRoles Renumber(IcebergSchema sent, IcebergSchema received)
    {
        var ids = sent.AllFields().Zip(received.AllFields()).ToDictionary(pair => pair.First.Id, pair => pair.Second.Id);
        return new FieldRoles(
            Version,
            Sources.ToImmutableSortedDictionary(entry => ids[entry.Key], entry => entry.Value),
            Ours.ToImmutableSortedDictionary(entry => entry.Key, entry => ids[entry.Value], StringComparer.Ordinal));
    }
}
