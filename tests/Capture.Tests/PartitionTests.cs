namespace Philotes.Capture.Tests;

/// <summary>Partitions that come and go: their changes are captured, and rows that move without an event are told of.</summary>
[CancelAfter(180_000)]
internal sealed class PartitionTests
{
    private const string Tables = """
        create table p (id int primary key, v text) partition by range (id);
        create table p1 partition of p for values from (0) to (10);
        create table old (id int primary key, v text); insert into old values (20, 'old');
        create table bare (id int primary key, v text);
        """;

    [Test]
    public async Task Partitions_that_bring_or_take_rows_are_told_of_and_others_are_not(CancellationToken token)
    {
        await using var rig = await RigAsync(token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into p values (1, 'a')", token);
        await rig.CaughtUpAsync(token);
        await LookedAtAsync(rig, "p1", token);

        await rig.ExecuteAsync("""
            alter table p attach partition old for values from (20) to (30);
            alter table p attach partition bare for values from (30) to (40);
            create table made partition of p for values from (40) to (50);
            create table sub partition of p for values from (50) to (60) partition by range (id);
            create table sub1 partition of sub for values from (50) to (55);
            insert into p values (21, 'b'), (41, 'd'), (51, 'e'); update old set v = 'new' where id = 20
            """, token);
        await LookedAtAsync(rig, "sub1", token);
        await rig.ExecuteAsync("alter table p detach partition old; insert into old values (29, 'not of p'); drop table sub; insert into p values (2, 'f')", token);
        await NoticedAsync(rig, ["PH212 public.old", "PH213 public.old", "PH213 public.sub1"], token);
        await rig.CaughtUpAsync(token);

        Assert.That((await rig.EventsAsync(token)).Where(change => change.Table == "p").Select(change => change.ToString()), Is.EqualTo(new[]
        {
            "p i >1|a", "p i >21|b", "p i >41|d", "p i >51|e", "p u >20|new", "p i >2|f",
        }));
        Assert.That(rig.Log.Lines, Has.Some.Contains("PH212").And.Some.Contains("philotes tables resync public.p"));
    }

    [Test]
    public async Task One_that_came_while_capture_was_away_is_told_of_too(CancellationToken token)
    {
        await using var rig = await RigAsync(token);
        await using (await rig.StartAsync(token))
        {
            await rig.ExecuteAsync("insert into p values (1, 'a')", token);
            await rig.CaughtUpAsync(token);
            await LookedAtAsync(rig, "p1", token);
        }

        await rig.ExecuteAsync("alter table p attach partition old for values from (20) to (30)", token);
        await using var capture = await rig.StartAsync(token);
        await NoticedAsync(rig, ["PH212 public.old"], token);
    }

    [Test]
    public async Task Published_one_by_one_a_partition_is_a_table_that_comes_and_goes(CancellationToken token)
    {
        await using var rig = await RigAsync(token);
        rig.Settings = rig.Settings with { ManagedPublication = false, PublicationName = "leaves" };
        await rig.ExecuteAsync("create publication leaves for table p with (publish_via_partition_root = false)", token);
        await using var capture = await rig.StartAsync(token);
        await rig.ExecuteAsync("insert into p values (1, 'a'); alter table p attach partition old for values from (20) to (30); insert into p values (21, 'b'); truncate p1", token);
        await rig.ExecuteAsync("alter table p detach partition old; insert into old values (22, 'not published')", token);
        await rig.CaughtUpAsync(token);
        await CaptureRig.UntilAsync(async () => await rig.BufferAsync<bool>("select exists (select from philotes.source_table where table_name = 'old' and capture_note like 'PH111%')", token), token);

        Assert.That((await rig.EventsAsync(token)).Select(change => change.ToString()), Is.EqualTo(new[] { "p1 i >1|a", "old i >21|b", "p1 t >" }));
    }

    private static async Task<CaptureRig> RigAsync(CancellationToken token)
    {
        var rig = await CaptureRig.CreateAsync(token);
        rig.Settings = rig.Settings with { Matches = table => table.Table is not ("old" or "bare") || !rig.Settings.ManagedPublication };
        await rig.ExecuteAsync(Tables, token);
        return rig;
    }

    private static Task LookedAtAsync(CaptureRig rig, string partition, CancellationToken token) => CaptureRig.UntilAsync(
        async () => await rig.BufferAsync<bool>($"select exists (select from philotes.source_table where table_name = 'p' and partitions::text like '%public.{partition}\"%')", token), token);

    private static Task NoticedAsync(CaptureRig rig, string[] notices, CancellationToken token) => CaptureRig.UntilAsync(
        async () => (await rig.BufferAsync<string[]>("select array(select code || ' ' || column_name from philotes.schema_notice order by 1)", token)).SequenceEqual(notices), token);
}
