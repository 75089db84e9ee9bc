using System.Text.Json.Nodes;

namespace Philotes.Catalog.Tests;

/// <summary>What came back.</summary>
internal sealed record Answer(int Status, JsonObject? Body, string? ETag)
{
    public JsonObject Metadata => Body!["metadata"]!.AsObject();

    public string Location => (string)Body!["metadata-location"]!;

    public string Error => (string)Body!["error"]!["message"]!;

    public string ErrorType => (string)Body!["error"]!["type"]!;
}
