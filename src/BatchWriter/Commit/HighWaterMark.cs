using System.Text.Json;
using Philotes.Shared;

namespace Philotes.BatchWriter.Commit;

/// <summary>
/// How far a lake table carries one source: the table property <c>philotes.hwm.&lt;source&gt;</c>, set in the very commit that adds the rows. It is
/// what makes a batch land once: a batch is sent only while the mark stands right before it.
/// <code>{"seq":4460,"lsn":"9/5E23FFA0","batch":8812,"snapshot":77,"incarnation":1}</code>
/// </summary>
/// <param name="Sequence">The last of the table's chunks that is in.</param>
/// <param name="Incarnation">Which of the source tables of this name; each counts its chunks from 1.</param>
internal sealed record HighWaterMark(long Sequence, Lsn Lsn, long BatchId, long SnapshotId, int Incarnation)
{
    public static string PropertyOf(string source) => $"philotes.hwm.{source}";

    /// <summary>Null when the table carries nothing of the source.</summary>
    public static HighWaterMark? Read(IReadOnlyDictionary<string, string> properties, string source)
    {
        if (!properties.TryGetValue(PropertyOf(source), out var json))
            return null;
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new HighWaterMark(
                root.GetProperty("seq").GetInt64(), Lsn.Parse(root.GetProperty("lsn").GetString()!), root.GetProperty("batch").GetInt64(),
                root.GetProperty("snapshot").GetInt64(), root.TryGetProperty("incarnation", out var incarnation) ? incarnation.GetInt32() : 1);
        }
        catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new PhilotesException("PH302",
                $"The table property {PropertyOf(source)} is not a mark that Philotes wrote: '{json}'. Restore it, or start the table again.", malformed);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(
        new { seq = Sequence, lsn = Lsn.ToString(), batch = BatchId, snapshot = SnapshotId, incarnation = Incarnation });
}
