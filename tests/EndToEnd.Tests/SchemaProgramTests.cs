using System.Globalization;
using System.Text.Json;
using Philotes.Testing;
using Philotes.Testing.Schemas;

namespace Philotes.EndToEnd.Tests;

/// <summary>Rows and schema changes in random order, through both programs: the lake shows every value where the model has it.</summary>
[NonParallelizable]
public sealed class SchemaProgramTests
{
    /// <summary>Each schema version of each table is a commit of its own. PHILOTES_SCHEMA_PROGRAMS runs more.</summary>
    private static readonly int ProgramCount = int.Parse(Environment.GetEnvironmentVariable("PHILOTES_SCHEMA_PROGRAMS") ?? "60", CultureInfo.InvariantCulture);

    [Test]
    [CancelAfter(900_000)]
    public async Task Random_histories_read_back_as_the_model_has_them(CancellationToken cancellationToken)
    {
        var programs = SchemaPrograms.MakeSpread(ProgramCount);
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, new PipelineShape(Defaults: "  copy: never"), cancellationToken);
        await SchemaPrograms.CreateAsync(pipeline.Source, programs, cancellationToken);
        pipeline.StartCapture();
        await pipeline.SlotActiveAsync(cancellationToken);
        pipeline.StartWriter();
        await SchemaPrograms.RunAsync(
            pipeline.Source, programs, connections: 2, async () => await pipeline.DurableAsync(await pipeline.SourcePositionAsync(cancellationToken), cancellationToken), cancellationToken);
        await pipeline.CatchUpAsync(cancellationToken);

        var tables = await ForeignReaders.ReadManyWithJavaAsync(new Uri(pipeline.CatalogUri), [.. programs.Select(program => $"public.{program.Table}_changelog")]);
        var wrong = programs.Zip(tables).Select(pair => Difference(pair.First, pair.Second)).OfType<string>().ToList();
        Assert.That(wrong, Is.Empty, $"{wrong.Count} of {programs.Count} programs; {string.Join(Environment.NewLine, wrong.Take(5))}");
    }

    private static string? Difference(SchemaProgram program, IReadOnlyList<string> lines)
    {
        var fields = program.Columns
            .SelectMany(column => column.Fields.Select(field => (Column: column, Field: field, Name: field.Version == 1 ? column.Name : $"{column.Name}__v{field.Version}")))
            .ToList();
        var expected = program.Events.Select(e => $"{e.Op} {string.Join(' ', fields.Select(field => $"{field.Name}={Shown(e, field.Column, field.Field)}"))}").ToList();
        var found = lines.Select(line => JsonDocument.Parse(line).RootElement)
            .OrderBy(row => row.GetProperty("_cdc_lsn").GetInt64()).ThenBy(row => row.GetProperty("_cdc_seq").GetInt64())
            .Select(row => $"{row.GetProperty("_cdc_operation").GetString()![0]} {string.Join(' ', fields.Select(field => $"{field.Name}={(row.TryGetProperty(field.Name, out var value) ? value.GetRawText() : "no such column")}"))}")
            .ToList();
        if (expected.SequenceEqual(found))
            return null;
        var first = expected.Zip(found).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"{program.Table}, event {first} of {expected.Count} ({found.Count} in the lake): expected {expected.ElementAtOrDefault(first)}, got {found.ElementAtOrDefault(first)}; {string.Join(" | ", program.Commands)}";
    }

    private static string Shown(ModelEvent e, ModelColumn column, ModelField field) =>
        e.Values.FirstOrDefault(value => value.Column == column && value.Field == field) is { Text: { } text } value
            ? value.Quoted ? JsonSerializer.Serialize(text) : text
            : "null";
}
