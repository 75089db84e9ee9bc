using System.Text.Json;

namespace Philotes.Cli.Demo;

/// <summary>A row of a changelog table as the foreign reader printed it.</summary>
sealed record LakeRow(string Operation, IReadOnlyList<string?> Values, IReadOnlyList<string?>? OldKey)
{
    public static LakeRow Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        var parts = json.RootElement.EnumerateArray().ToList();
        var old = parts[^1];
        return new LakeRow(
            parts[0].GetString()!,
            [.. parts[1..^1].Select(value => value.GetString())],
            old.ValueKind == JsonValueKind.Null ? null : [.. old.EnumerateArray().Select(value => value.GetString())]);
    }
}
