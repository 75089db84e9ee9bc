using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Philotes.Iceberg.Types;

namespace Philotes.BatchWriter.Tables;

/// <summary>
/// What each field of a changelog table is for, by field id, so that a rename in the lake breaks nothing. Kept as JSON in the table property
/// <see cref="Property"/>: <code>{"source":{"1":"id","2":"name"},"ours":{"_cdc_operation":3}}</code>
/// Several fields can belong to one source column: after a change of type that Iceberg cannot follow, the newer one is <c>name__v2</c>.
/// </summary>
/// <param name="Sources">Field id to the source column's name; for the fields of <c>_cdc_before</c> too.</param>
/// <param name="Ours">One of <see cref="OurColumns"/> to its field id.</param>
internal sealed record FieldRoles(ImmutableSortedDictionary<int, string> Sources, ImmutableSortedDictionary<string, int> Ours)
{
    public const string Property = "philotes.columns";

    public static FieldRoles Empty { get; } = new(ImmutableSortedDictionary<int, string>.Empty, ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal));

    public static FieldRoles Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var sources = document.RootElement.GetProperty("source").EnumerateObject()
            .ToImmutableSortedDictionary(entry => int.Parse(entry.Name, CultureInfo.InvariantCulture), entry => entry.Value.GetString()!);
        var ours = document.RootElement.GetProperty("ours").EnumerateObject()
            .ToImmutableSortedDictionary(entry => entry.Name, entry => entry.Value.GetInt32(), StringComparer.Ordinal);
        return new FieldRoles(sources, ours);
    }

    public string ToJson() => JsonSerializer.Serialize(new { source = Sources, ours = Ours });

    /// <summary>The same roles under the ids that a catalog gave out for <paramref name="sent"/>; fields keep their places.</summary>
    public FieldRoles Renumber(IcebergSchema sent, IcebergSchema received)
    {
        var ids = sent.AllFields().Zip(received.AllFields()).ToDictionary(pair => pair.First.Id, pair => pair.Second.Id);
        return new FieldRoles(
            Sources.ToImmutableSortedDictionary(entry => ids[entry.Key], entry => entry.Value),
            Ours.ToImmutableSortedDictionary(entry => entry.Key, entry => ids[entry.Value], StringComparer.Ordinal));
    }
}
