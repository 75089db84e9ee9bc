namespace Philotes.Capture.Tests;

/// <summary>What an operator is told of a change of schema, beside that it is followed.</summary>
[CancelAfter(180_000)]
internal sealed class SchemaNoticeTests
{
    [Test]
    public async Task A_key_that_changes_is_told_and_the_keys_of_each_row_are_those_of_its_moment(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (a int constraint t_pkey primary key, b int not null)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("begin; insert into t values (1, 2), (3, 4); update t set a = 5 where a = 1; alter table t drop constraint t_pkey; alter table t add primary key (b); update t set b = 6 where b = 2; delete from t where b = 4; commit", token);
        await rig.CaughtUpAsync(token);

        Assert.That((await rig.EventsAsync(token)).Select(change => change.ToString()), Is.EqualTo(new[]
        {
            "t i >1|2", "t i >3|4", "t u 1|NULL>5|2", "t u NULL|2>5|6", "t d NULL|4>",
        }));
        Assert.That(await rig.BufferAsync<string>("select string_agg(key_columns::text, ' ' order by schema_id) from philotes.table_schema", token), Is.EqualTo("{a} {b}"));
        Assert.That(await NoticesAsync(rig, token), Is.EqualTo(new[] { "PH221 " }));
    }

    [TestCase("v type bigint", new string[] { "PH210 v" })]
    [TestCase("v type text using v::text || 'x'", new[] { "PH210 v" })]
    [TestCase("w type text", new string[0])]
    [TestCase("w type varchar(50)", new string[0])]
    [TestCase("n type numeric(20,2)", new string[0])]
    [TestCase("n type numeric(20,1)", new[] { "PH210 n" })]
    public async Task A_rewrite_is_told_where_rows_were_converted_and_only_there(string change, string[] notices, CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        await rig.ExecuteAsync("create table t (id int primary key, v int, w varchar(20), n numeric(10,2))", token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync($"insert into t values (1, 2, 'w', 1.50); alter table t alter {change}; insert into t (id) values (2)", token);
        await rig.CaughtUpAsync(token);

        Assert.That(await rig.EventsAsync(token), Has.Count.EqualTo(2), "the rewrite itself sends no event");
        Assert.That(await NoticesAsync(rig, token), Is.EqualTo(notices));
    }

    private static Task<string[]> NoticesAsync(CaptureRig rig, CancellationToken token) =>
        rig.BufferAsync<string[]>("select array(select code || ' ' || column_name from philotes.schema_notice order by 1)", token);
}
