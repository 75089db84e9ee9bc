using System.Text.Json.Serialization;

namespace Philotes.Cli;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StatusJson.Document))]
sealed partial class StatusJsonContext : JsonSerializerContext;
