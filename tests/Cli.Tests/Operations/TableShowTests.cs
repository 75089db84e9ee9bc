namespace Philotes.Cli.Tests.Operations;

[NonParallelizable]
public sealed class TableShowTests
{
    [Test]
    [CancelAfter(120_000)]
    public async Task A_table_is_shown_with_its_columns_policies_and_the_history_of_its_schema(CancellationToken cancellationToken)
    {
        await using var operated = await OperatedPipeline.StartAsync("create table altered (id int primary key, amount int, gone text)", cancellationToken);
        await operated.Pipeline.ExecuteAsync("insert into altered values (1, 2, 'x')", cancellationToken);
        await operated.Pipeline.ExecuteAsync("begin; alter table altered alter amount type date using null; alter table altered drop gone; insert into altered values (2, '2024-02-29'); commit", cancellationToken);
        await operated.Pipeline.CatchUpAsync(cancellationToken);

        var shown = await operated.OutputAsync("tables", "show", "altered");
        var item = (await operated.ItemsAsync("tables", "show", "altered")).Single();
        var columns = item.GetProperty("columns").EnumerateArray().ToDictionary(column => column.GetProperty("lakeName").GetString()!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(columns["amount"].GetProperty("state").GetString(), Is.EqualTo("kept"));
            Assert.That(columns["amount__v2"].GetProperty("sourceType").GetString(), Is.EqualTo("date"));
            Assert.That(columns["amount__v2"].GetProperty("lakeType").GetString(), Is.EqualTo("date"));
            Assert.That(columns["amount__v2"].GetProperty("fieldId").GetInt32(), Is.GreaterThan(columns["id"].GetProperty("fieldId").GetInt32()));
            Assert.That(columns["gone"].GetProperty("number").GetInt32(), Is.EqualTo(3));
            Assert.That(columns["_cdc_lsn"].GetProperty("state").GetString(), Is.EqualTo("ours"));
            Assert.That(item.GetProperty("policies").GetProperty("on_type_change").GetString(), Is.EqualTo("new-column"));
            Assert.That(item.GetProperty("history").EnumerateArray().Last().GetProperty("changes").EnumerateArray().Select(change => change.GetString()),
                Is.EqualTo(new[] { "amount integer is date", "gone dropped" }));
            Assert.That(shown, Does.Contain("public.altered  →  public.altered_changelog").And.Contain("amount__v2").And.Contain("PH201: ").And.Contain("PH210: "));
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Values_that_the_lake_cannot_hold_are_counted_wherever_a_table_is_shown(CancellationToken cancellationToken)
    {
        await using var operated = await OperatedPipeline.StartAsync("create table days (id int primary key, d date, n numeric(5,2))", cancellationToken);
        await operated.Pipeline.ExecuteAsync("insert into days values (1, 'infinity', 'NaN'), (2, '2024-02-29', 1.50), (3, '-infinity', null)", cancellationToken);
        await operated.Pipeline.CatchUpAsync(cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await operated.OutputAsync("status"), Does.Contain("values replaced by NULL: 3 "));
            Assert.That(await operated.OutputAsync("tables", "show", "days"), Does.Contain("values replaced by NULL: 3 "));
            Assert.That((await operated.ItemsAsync("tables", "show", "days")).Single().GetProperty("replaced").GetInt64(), Is.EqualTo(3));
            Assert.That((await operated.ItemsAsync("tables", "list")).Single().GetProperty("replaced").GetInt64(), Is.EqualTo(3));
        }
    }
}
