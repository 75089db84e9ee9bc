using System.Text;
using System.Text.Json;

namespace Philotes.Iceberg.Rest;

/// <summary>
/// The words of an error reply, whatever shape they came in: the specification's <c>{"error":{"message","type","code"}}</c>, OAuth's
/// <c>{"error","error_description"}</c>, or a page of some proxy on the way.
/// </summary>
/// <param name="IsCatalogs">True when the reply has the specification's shape, so a catalog wrote it.</param>
/// <param name="Text">One line, at most 500 characters, no control characters.</param>
internal sealed record CatalogError(bool IsCatalogs, string Type, string Text)
{
    const int TextMax = 500;

    public static CatalogError Read(RestReply reply)
    {
        try
        {
            return ReadJson(JsonElement.Parse(reply.Body.Span)) ?? Foreign(reply);
        }
        catch (JsonException)
        {
            return Foreign(reply);
        }
    }

    public static string OneLine(string text)
    {
        var line = new StringBuilder();
        foreach (var c in text)
        {
            if (char.IsControl(c) || char.IsWhiteSpace(c))
            {
                line.Append(line.Length > 0 && line[^1] != ' ' ? " " : "");
                continue;
            }

            line.Append(c);
            if (line.Length >= TextMax)
            {
                return line.Append('…').ToString();
            }
        }

        return line.ToString().Trim();
    }

    static CatalogError? ReadJson(JsonElement json)
    {
        if (json.ValueKind is not JsonValueKind.Object || !json.TryGetProperty("error", out var error))
        {
            return null;
        }

        return error.ValueKind switch
        {
            JsonValueKind.Object => new(IsCatalogs: true, OneLine(Field(error, "type")), OneLine(Field(error, "message"))),
            JsonValueKind.String => new(IsCatalogs: false, OneLine(error.GetString()!), OneLine(Field(json, "error_description"))),
            _ => null,
        };
    }

    static string Field(JsonElement json, string name) =>
        json.TryGetProperty(name, out var field) && field.ValueKind is JsonValueKind.String ? field.GetString()! : "";

    /// <summary>A page is quoted. The torn body of an answer that was none of an error may hold keys to a table's files, and is not.</summary>
    static CatalogError Foreign(RestReply reply)
    {
        if (reply.Body.IsEmpty)
        {
            return new(IsCatalogs: false, "", "The reply has no body.");
        }

        var start = Encoding.UTF8.GetString(reply.Body.Span[..Math.Min(reply.Body.Length, 4 * TextMax)]);
        var quoted = reply.IsSuccess && !start.TrimStart().StartsWith('<') ? "." : ": " + start;
        return new(IsCatalogs: false, "", OneLine($"The reply ({reply.ContentType}, {reply.Body.Length} bytes) is not a catalog's{quoted}"));
    }
}
