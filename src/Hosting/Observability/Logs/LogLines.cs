using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Philotes.Shared;

namespace Philotes.Hosting;

/// <summary>The two shapes of a line.</summary>
static class LogLines
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>ts level code event logger msg</c>, then the message's own values in snake case, then the failure.</summary>
    public static string Json(in LogEntry entry, DateTimeOffset now, int suppressed)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("ts", now.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("level", LevelName(entry.Level));
            if (entry.Code is { } code)
                json.WriteString("code", code);
            if (entry.EventId.Id != 0)
                json.WriteNumber("event", entry.EventId.Id);
            json.WriteString("logger", entry.Category);
            json.WriteString("msg", entry.Message);
            if (suppressed > 0)
                json.WriteNumber("suppressed", suppressed);
            foreach (var (name, value) in entry.Fields.Where(field => field.Key is not ("{OriginalFormat}" or "Code")))
                WriteField(json, Spelling.Snake(name), value);
            if (entry.Exception is not null)
                json.WriteString("exception", Describe(entry.Exception));
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static string Text(in LogEntry entry, DateTimeOffset now, int suppressed)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{now:HH:mm:ss.fff} {LevelName(entry.Level),-5} ");
        if (entry.Code is { } code)
            text.Append(code).Append(' ');
        text.Append(entry.Message);
        if (suppressed > 0)
            text.Append(CultureInfo.InvariantCulture, $" ({suppressed} like it left out)");
        if (entry.Exception is not null)
            text.Append(": ").Append(Describe(entry.Exception));
        return text.ToString();
    }

    static void WriteField(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int or long or short or byte or uint:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    /// <summary>A coded failure is its sentence and its cause; anything else is shown with its stack.</summary>
    static string Describe(Exception exception) => exception is PhilotesException ? Failure.Describe(exception) : exception.ToString();

    static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Critical => "fatal",
        _ => level.ToString().ToLowerInvariant(),
    };
}
