using System.Diagnostics;
using System.Text.Json;
using Philotes.Testing;

namespace Philotes.Iceberg.Tests.Parquet;

/// <summary>Reads our files with hyparquet, which shares no code with us or with DuckDB.</summary>
internal static class ForeignReader
{
    public static JsonElement Read(string file)
    {
        var native = NativeFolder();
        if (native is null)
            Prerequisite.Missing("native/node_modules with hyparquet ('npm ci' in native/)");
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "Parquet", "read-parquet.mjs"), native!, file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        var errors = node.StandardError.ReadToEndAsync();
        var output = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        Assert.That(node.ExitCode, Is.Zero, errors.GetAwaiter().GetResult());
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>The rows, each column's value as JSON text: numbers and big integers as digits, bytes as hex, null as null.</summary>
    public static string[][] Rows(string file) => Read(file).GetProperty("rows").EnumerateArray()
        .Select(row => row.EnumerateObject().Select(column => Text(column.Value)).ToArray()).ToArray();

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string? NativeFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var native = Path.Combine(folder.FullName, "native");
            if (Directory.Exists(Path.Combine(native, "node_modules", "hyparquet")))
                return native;
        }
        return null;
    }
}
