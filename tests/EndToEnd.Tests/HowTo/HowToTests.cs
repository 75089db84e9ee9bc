using System.Text.RegularExpressions;
using Npgsql;

namespace Philotes.EndToEnd.Tests;

/// <summary>docs/how-to.md as a person types it: each section against one pipeline that goes on under load, without a superuser, in whatever order.</summary>
[NonParallelizable]
public sealed partial class HowToTests
{
    private const string Page = "how-to.md";

    private static HowToRig Rig { get; set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (!File.Exists("/usr/lib/postgresql/15/bin/pg_dump"))
            Testing.Prerequisite.Missing("pg_dump (Debian's package postgresql-15)");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(6));
        Rig = await HowToRig.StartAsync(limit.Token);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Rig is not null)
            await Rig.DisposeAsync();
    }

    [Test, CancelAfter(400_000)]
    public async Task Why_one_row_is_not_in_the_lake_yet_is_found(CancellationToken cancellationToken)
    {
        var page = HowToPage.Commands(Page, "Find why one row is not in the lake yet");
        await Rig.DoneAsync("philotes tables pause orders --yes --reason 'nobody remembers'", ("orders", "shop.orders"));
        await Rig.ExecuteAsync("insert into shop.orders values (4711, 'where is it', 1)");
        await Rig.UntilAsync("select exists (select from philotes.v_event where table_name = 'orders' and new ->> 'id' = '4711')", cancellationToken);
        var found = await Rig.DoneAsync(page[0], ("orders", "shop.orders"));
        Assert.That(found, Does.Contain("pending"));
        var shown = await Rig.DoneAsync(page[1], ("16/B374D848:0", Position().Match(found).Value));
        Assert.That(shown, Does.Contain("where is it").And.Contain("paused").And.Contain("nobody remembers"));
        await Rig.DoneAsync(page[2], ("orders", "shop.orders"));
        await Rig.UntilAsync("select status = 'committed' from philotes.v_event where table_name = 'orders' and new ->> 'id' = '4711'", cancellationToken);
    }

    [Test, CancelAfter(400_000)]
    public async Task A_table_is_replayed_after_a_wrong_mapping_and_proved_equal(CancellationToken cancellationToken)
    {
        var page = HowToPage.Commands(Page, "Replay a table after a wrong mapping, and prove it equal");
        await Rig.UntilAsync("select count(*) > 3 from philotes.v_batch where table_name = 'payments' and state = 'committed'", cancellationToken);
        Rig.Reconfigure("decimal(12,0)", "decimal(12,2)");
        await Rig.DoneAsync(page[0]);
        await Rig.UntilAsync("select max(committed_at) > clock_timestamp() - interval '2 s' from philotes.v_batch where table_name = 'payments'", cancellationToken);
        var (wrong, said) = await Rig.TypeAsync(page[4], ("payments", "shop.payments"));
        Assert.That(wrong, Is.EqualTo(8), said);
        var batches = await Rig.DoneAsync(page[1], ("payments", "shop.payments"));
        Assert.That(BatchNumber().Matches(batches), Is.Not.Empty);
        // The mapping was wrong from the beginning, and of the batches only the newest are listed.
        var planned = await Rig.DoneAsync(page[2], ("payments", "shop.payments"), ("--to-batch 8811", "--all"));
        var number = ReplayNumber().Match(planned).Groups[1].Value;
        await Rig.DoneAsync(page[3], ("replay run 3", $"replay run {number}"));
        var proved = await Rig.DoneAsync(page[4], ("payments", "shop.payments"));
        Assert.That(proved, Does.Contain("yes"));
    }

    [Test, CancelAfter(400_000)]
    public async Task A_poisoned_table_goes_on(CancellationToken cancellationToken)
    {
        var page = HowToPage.Commands(Page, "Get a poisoned table going");
        await Rig.ExecuteAsync("insert into shop.readings select i, case when i % 2 = 0 then 'infinity'::date else date '2024-02-29' end from generate_series(1, 2000) as i");
        await Rig.UntilAsync("select state = 'blocked' from philotes.v_table where table_name like '%readings'", cancellationToken);
        Assert.That(await Rig.DoneAsync(page[0], ("readings", "shop.readings")), Does.Contain("BLOCKED").And.Contain("PH410"));
        Rig.Reconfigure("on_outside: reject", "on_outside: \"null\"");
        await Rig.DoneAsync(page[1], ("readings", "shop.readings"));
        await Rig.UntilAsync("select state = 'active' and rows_pending = 0 from philotes.v_table where table_name like '%readings'", cancellationToken);
    }

    [Test, CancelAfter(400_000)]
    public async Task A_table_is_added(CancellationToken cancellationToken)
    {
        var page = HowToPage.Commands(Page, "Add a table");
        await Rig.ExecuteAsync("set role shop_owner; create schema stock; create table stock.items (id int primary key, note text); insert into stock.items select i, 'old' from generate_series(1, 500) as i; reset role");
        await Rig.DoneAsync(page[0], ("-h db1 -U shop_owner -d shop", $"-h 127.0.0.1 -p {Servers.Source.Port} -U shop_owner -d {HowToRig.Shop}"));
        Rig.Reconfigure("tables:\n", "tables:\n  - match: stock.items\n");
        await Rig.DoneAsync(page[1], ("philotes doctor --only source", "philotes doctor --only source || test $? = 4"));
        await Rig.ExecuteAsync("update stock.items set note = 'new' where id = 7; delete from stock.items where id = 8");
        await Rig.UntilAsync("select exists (select from philotes.v_copy where schema_name = 'stock' and state = 'active')", cancellationToken);
        Assert.That(await Rig.DoneAsync(page[2]), Does.Contain("stock.items").And.Match("stock.items +yes .* 499 +499"));
    }

    [Test, CancelAfter(400_000)]
    public async Task A_lost_slot_is_recovered(CancellationToken cancellationToken)
    {
        var page = HowToPage.Commands(Page, "Recover a lost slot");
        await Rig.ExecuteAsync("alter system set max_slot_wal_keep_size = '1MB'");
        await Rig.ExecuteAsync("select pg_reload_conf()");
        await Rig.DoneAsync("systemctl stop philotes-capture");
        await Rig.ExecuteAsync("select pg_logical_emit_message(false, 'test', repeat('x', 1000000)) from generate_series(1, 80); select pg_switch_wal(); checkpoint");
        await Rig.DoneAsync("systemctl start philotes-capture");
        await Rig.SaysAsync("philotes-capture", "PH104", cancellationToken);
        await Rig.ExecuteAsync("alter system reset max_slot_wal_keep_size");
        await Rig.ExecuteAsync("select pg_reload_conf()");
        Assert.That(await Rig.DoneAsync(page[0]), Does.Contain("lost").And.Contain("PH104"));
        await Rig.DoneAsync(page[1]);
        await Rig.UntilAsync("select bool_and(state = 'active') from philotes.v_copy", cancellationToken);
        await Rig.DoneAsync(page[2]);
        Assert.That(await Rig.DoneAsync("philotes audit list"), Does.Contain("source repair").And.Contain("somebody on call").And.Contain("the source kept too little log"));
    }

    [Test, CancelAfter(400_000)]
    public async Task The_buffer_moves_to_another_server(CancellationToken cancellationToken)
    {
        var page = HowToPage.Commands(Page, "Move the buffer to another server");
        await Rig.DoneAsync(page[0],
            ("-h buf1", $"-h 127.0.0.1 -p {Servers.Buffer.Port}"), ("-h buf2", $"-h 127.0.0.1 -p {Rig.SecondBuffer.Port}"),
            ("s/host: buf1/host: buf2/", $"s/port: {Servers.Buffer.Port}/port: {Rig.SecondBuffer.Port}/"),
            ("philotes doctor --only buffer", "philotes doctor --only buffer || test $? = 4"));
        await Rig.Buffer.DisposeAsync();
        Rig.Buffer = NpgsqlDataSource.Create(Rig.SecondBuffer.ConnectionString("philotes"));
        await Rig.ExecuteAsync("insert into shop.orders values (4712, 'after the move', 1)");
        await Rig.UntilAsync("select exists (select from philotes.v_event where table_name = 'orders' and new ->> 'id' = '4712' and status = 'committed')", cancellationToken);
        await Rig.DoneAsync(page[1], ("orders", "shop.orders"));
    }

    [GeneratedRegex("[0-9A-F]+/[0-9A-F]+:[0-9]+")]
    private static partial Regex Position();

    [GeneratedRegex(@"^ *(\d+) ", RegexOptions.Multiline)]
    private static partial Regex BatchNumber();

    [GeneratedRegex(@"philotes replay run (\d+) --yes")]
    private static partial Regex ReplayNumber();
}
