using System.Globalization;
using Philotes.Testing.Schemas;

namespace Philotes.Capture.Tests;

/// <summary>Rows and schema changes in random order: every row stands in the buffer under the names that its table had at that moment, and its columns are told apart.</summary>
internal sealed class SchemaHistoryTests
{
    /// <summary>All pairs of schema changes, and random histories. PHILOTES_SCHEMA_PROGRAMS runs more or fewer.</summary>
    private static readonly int ProgramCount = int.Parse(Environment.GetEnvironmentVariable("PHILOTES_SCHEMA_PROGRAMS") ?? "2000", CultureInfo.InvariantCulture);

    [Test]
    [CancelAfter(600_000)]
    public async Task Programs_of_rows_and_schema_changes_are_captured_under_the_schemas_of_their_moments(CancellationToken token)
    {
        var programs = SchemaPrograms.Make(ProgramCount);
        await using var rig = await CaptureRig.CreateAsync(token);
        rig.Settings = rig.Settings with { PublicationCheck = TimeSpan.FromMinutes(10) };
        await SchemaPrograms.CreateAsync(rig.Source, programs, token);
        await using var capture = await rig.StartAsync(token);
        await SchemaPrograms.RunAsync(rig.Source, programs, connections: 3, () => rig.CaughtUpAsync(token), token);

        var events = (await rig.EventsAsync(token)).ToLookup(e => e.Table);
        var versions = await VersionsAsync(rig, token);
        var wrong = programs.Select(program => Difference(program, [.. events[program.Table]], versions, withNumbers: false)).OfType<string>().ToList();
        var misplaced = programs.Where(program => program.IsDecidable)
            .Select(program => Difference(program, [.. events[program.Table]], versions, withNumbers: true)).OfType<string>().ToList();
        Assert.That(wrong, Is.Empty, $"{wrong.Count} of {programs.Count} programs; {string.Join(Environment.NewLine, wrong.Take(5))}");
        Assert.That(misplaced, Is.Empty, $"{misplaced.Count} of {programs.Count} programs; {string.Join(Environment.NewLine, misplaced.Take(5))}");
        Assert.That(programs.Count(program => program.IsDecidable), Is.GreaterThan(programs.Count * 3 / 4));
        await TestContext.Out.WriteLineAsync($"{programs.Count} programs, {events.Sum(table => table.Count())} events, {versions.Count} schema versions");
    }

    private static string? Difference(SchemaProgram program, IReadOnlyList<CapturedEvent> actual, Dictionary<int, (string[] Names, int[] Numbers)> versions, bool withNumbers)
    {
        var expected = program.Events.Select(e => $"{e.Op} {string.Join(' ', e.Values.Select(value => $"{value.Name}{Number(value.Column.Number)}={value.Text}"))}").ToList();
        var found = actual.Select(e => $"{e.Op} {Text(e)}").ToList();
        if (expected.SequenceEqual(found))
            return null;
        var first = expected.Zip(found).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"{program.Table}, event {first} of {expected.Count} ({found.Count} captured): expected {expected.ElementAtOrDefault(first)}, got {found.ElementAtOrDefault(first)}; {string.Join(" | ", program.Commands)}";

        string Number(int number) => withNumbers ? $"#{number}" : "";

        string Text(CapturedEvent e)
        {
            var (names, numbers) = versions[e.SchemaId];
            return string.Join(' ', (e.New ?? e.Old ?? []).Select((value, i) => $"{names[i]}{Number(numbers[i])}={value}"));
        }
    }

    private static async Task<Dictionary<int, (string[] Names, int[] Numbers)>> VersionsAsync(CaptureRig rig, CancellationToken token)
    {
        await using var command = rig.Buffer.CreateCommand("select schema_id, column_names, column_numbers from philotes.table_schema");
        await using var reader = await command.ExecuteReaderAsync(token);
        var versions = new Dictionary<int, (string[], int[])>();
        while (await reader.ReadAsync(token))
        {
            versions[reader.GetInt32(0)] = (reader.GetFieldValue<string[]>(1), reader.GetFieldValue<int[]>(2));
        }

        return versions;
    }
}
