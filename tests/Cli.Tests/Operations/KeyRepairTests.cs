using System.Text.Json;
using Philotes.Hosting;
using Philotes.Testing;

namespace Philotes.Cli.Tests.Operations;

/// <summary>Of a table with whatever key, verify offers a command that deletes the rows that only the lake has; typed as it stands, it makes the table equal again.</summary>
[NonParallelizable]
public sealed class KeyRepairTests
{
    /// <summary>Table, its key's columns, three keys of which the first is lost, and that key as the command names it.</summary>
    static readonly (string Table, string Columns, string Lost, string Kept, string Named)[] Keys =
    [
        ("k_small", "k smallint", "-7", "1", """{"k":"-7"}"""),
        ("k_numeric", "k numeric(9,2)", "-0.10", "12.34", """{"k":"-0.10"}"""),
        ("k_date", "k date", "'1969-12-30'", "'2024-02-29'", """{"k":"1969-12-30"}"""),
        ("k_timestamp", "k timestamp", "'1960-02-29 23:59:59.000001'", "'2024-02-29'", """{"k":"1960-02-29 23:59:59.000001"}"""),
        ("k_timestamptz", "k timestamptz", "'2024-03-31 02:30:00.5+02'", "'2024-02-29Z'", """{"k":"2024-03-31 00:30:00.500000+00"}"""),
        ("k_time", "k time", "'23:59:59.999999'", "'00:00'", """{"k":"23:59:59.999999"}"""),
        ("k_bytea", "k bytea", "'\\x00ff7c27'", "'\\x'", """{"k":"\\x00ff7c27"}"""),
        ("k_char", "k char(5)", "'a''b'", "'zzzzz'", """{"k":"a'b  "}"""),
        ("k_varchar", "k varchar(9)", "'a|\"\\{'", "''", """{"k":"a|\"\\{"}"""),
        ("k_boolean", "k boolean", "true", "false", """{"k":"true"}"""),
        ("k_float4", "k real", "0.1", "'Infinity'", """{"k":"0.1"}"""),
        ("k_float8", "k double precision", "-1e-300", "'NaN'", """{"k":"-1E-300"}"""),
        ("k_enum", "k mood", "'so la la'", "'good'", """{"k":"so la la"}"""),
        ("k_interval", "k interval", "'1 mon -2 days 03:04:05.6'", "'0'", """{"k":"P1M-2DT3H4M5.6S"}"""),
        ("k_many", "a date, k text, b smallint, c bytea", "'2024-02-29', 'x|y|', 3, '\\x7c'", "'2024-02-29', 'x', 3, '\\x7c'", """{"a":"2024-02-29","k":"x|y|","b":"3","c":"\\x7c"}"""),
    ];

    [Test, CancelAfter(1_200_000)]
    public async Task Rows_that_only_the_lake_has_are_deleted_by_the_command_that_verify_offers_whatever_the_key(CancellationToken cancellationToken)
    {
        var ddl = "create type mood as enum ('so la la', 'good');"
            + string.Concat(Keys.Select(key => $"create table {key.Table} ({key.Columns}, note text, primary key ({string.Join(", ", key.Columns.Split(", ").Select(column => column.Split(' ')[0]))}));"))
            + "create table k_array (k int[] primary key, note text); create table k_texts (a text, b text, note text, primary key (a, b)); create table k_ancient (k date primary key, note text);";
        await using var pipeline = await OperatedPipeline.StartAsync(ddl, cancellationToken);
        foreach (var key in Keys)
            await pipeline.Pipeline.ExecuteAsync($"insert into {key.Table} values ({key.Lost}, 'lost'), ({key.Kept}, 'kept')", cancellationToken);
        await pipeline.Pipeline.ExecuteAsync("insert into k_array values ('{1,2}', 'lost'), ('{3}', 'kept'); insert into k_texts values ('a|b', 'c', 'lost'), ('a', 'b', 'kept'); insert into k_ancient values ('0044-03-15 BC', 'lost'), ('2024-02-29', 'kept')", cancellationToken);
        await pipeline.LoseAsync(string.Concat(Keys.Select(key => $"delete from {key.Table} where note = 'lost';")) + "delete from k_array where note = 'lost'; delete from k_texts where note = 'lost'; delete from k_ancient where note = 'lost'", cancellationToken);

        var differing = await pipeline.RunAsync("verify", "hash", "--json");
        var offered = JsonDocument.Parse(differing.Output).RootElement.GetProperty("items").EnumerateArray().ToDictionary(item => item.GetProperty("table").GetString()!, item => item.GetProperty("repair").GetString()!);
        Assert.That(differing.ExitCode, Is.EqualTo(ExitCode.Threshold), differing.Error);
        using (Assert.EnterMultipleScope())
        {
            foreach (var (table, _, _, _, named) in Keys)
                Assert.That((await WordsAsync(offered[table])).Last(), Is.EqualTo($"[{named}]"), offered[table]);
            foreach (var table in new[] { "k_array", "k_texts", "k_ancient" })
                Assert.That(offered[table], Is.EqualTo($"philotes replay plan --mode table --table public.{table}"), "a key that cannot be named exactly");
        }

        foreach (var (table, _, _, _, _) in Keys)
            await pipeline.OutputAsync([.. (await WordsAsync(offered[table])).Skip(1), "--yes"]);
        await pipeline.Pipeline.ExecuteAsync("insert into k_small values (99, 'behind the repairs')", cancellationToken);
        await pipeline.Pipeline.CatchUpAsync(cancellationToken);
        await pipeline.UntilAsync("select bool_and(state = 'active') from philotes.v_copy", cancellationToken);
        var after = await pipeline.RunAsync("verify", "hash", "--json");
        var unequal = JsonDocument.Parse(after.Output).RootElement.GetProperty("items").EnumerateArray().Where(item => !item.GetProperty("equal").GetBoolean()).Select(item => item.GetProperty("table").GetString());
        Assert.That(unequal, Is.EquivalentTo(new[] { "k_array", "k_texts", "k_ancient" }), after.Error);
    }

    /// <summary>The words of a command as a POSIX shell hands them to the program.</summary>
    static async Task<string[]> WordsAsync(string command) =>
        (await ChildProcess.RunAsync("sh", ["-c", "philotes() { printf '%s\\036' philotes \"$@\"; }; " + command])).TrimEnd('\n').Split('\u001e', StringSplitOptions.RemoveEmptyEntries);
}
