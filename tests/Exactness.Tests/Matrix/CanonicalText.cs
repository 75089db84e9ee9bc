using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Philotes.Exactness.Tests.Matrix;

/// <summary>What a reader must print for a value, and whether it did.</summary>
internal static class CanonicalText
{
    /// <summary>The JSON of a value from the server's own text, for types whose text says it all.</summary>
    public static string Of(string iceberg, string text) => iceberg switch
    {
        "boolean" => text == "t" ? "true" : "false",
        "int" or "long" => text,
        _ => JsonSerializer.Serialize(text),
    };

    /// <summary>Equal as values: floating numbers bit by bit, everything else by its text.</summary>
    public static bool Same(string iceberg, string expected, JsonNode? actual) => iceberg switch
    {
        "float" => actual is not null && BitConverter.SingleToInt32Bits(Single(JsonNode.Parse(expected)!.ToString())) == BitConverter.SingleToInt32Bits(Single(actual.ToString())),
        "double" => actual is not null && BitConverter.DoubleToInt64Bits(Double(JsonNode.Parse(expected)!.ToString())) == BitConverter.DoubleToInt64Bits(Double(actual.ToString())),
        _ => JsonNode.DeepEquals(JsonNode.Parse(expected), actual),
    };

    private static float Single(string text) => float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static double Double(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
