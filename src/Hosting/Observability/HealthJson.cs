using System.Text.Json.Serialization;

namespace Philotes.Hosting;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HealthAnswer))]
sealed partial class HealthJson : JsonSerializerContext;
