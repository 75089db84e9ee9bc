using Philotes.Capture.Source;
using Philotes.Shared;

namespace Philotes.Capture.Tests.Source;

internal sealed class ContinuityCheckTests
{
    private static readonly SlotFacts Slot = new("pgoutput", "shop", Temporary: false, "reserved", null, new Lsn(100), null, null);
    private static readonly ServerFacts Server = new("7", 1, new Lsn(500), "shop", "s", null, Slot);
    private static readonly RememberedSource Remembered = new("7", 1, new Lsn(200));

    [Test]
    public void A_slot_at_or_behind_the_buffer_continues_at_the_buffer() =>
        Assert.That(ContinuityCheck.Decide(Remembered, Server), Is.EqualTo(new ContinuityVerdict.Continue(new Lsn(200))));

    [Test]
    public void A_first_start_creates_the_slot_or_takes_over_the_one_there()
    {
        var fresh = new RememberedSource(null, null, Lsn.Zero);
        Assert.That(ContinuityCheck.Decide(fresh, Server with { Slot = null }), Is.InstanceOf<ContinuityVerdict.CreateSlot>());
        Assert.That(ContinuityCheck.Decide(fresh, Server), Is.EqualTo(new ContinuityVerdict.Continue(new Lsn(100))));
    }

    [Test]
    public void Every_broken_history_has_its_code()
    {
        var cases = new (string Code, RememberedSource Remembered, ServerFacts Server)[]
        {
            ("PH101", Remembered with { SystemIdentifier = "8" }, Server),
            ("PH102", Remembered, Server with { Slot = null }),
            ("PH103", Remembered, Server with { Slot = Slot with { Plugin = "wal2json" } }),
            ("PH103", Remembered, Server with { Slot = Slot with { Database = "other" } }),
            ("PH103", Remembered, Server with { Slot = Slot with { Temporary = true } }),
            ("PH104", Remembered, Server with { Slot = Slot with { WalStatus = "lost" } }),
            ("PH104", Remembered, Server with { Slot = Slot with { InvalidationReason = "wal_removed" } }),
            ("PH105", Remembered, Server with { Slot = Slot with { ConfirmedFlush = new Lsn(201) } }),
            ("PH106", Remembered, Server with { Timeline = 2 }),
            ("PH107", Remembered, Server with { Timeline = 2, TimelineSwitch = new Lsn(199) }),
            ("PH108", Remembered, Server with { WalEnd = new Lsn(199) }),
        };
        using (Assert.EnterMultipleScope())
        {
            foreach (var (code, remembered, server) in cases)
            {
                Assert.That((ContinuityCheck.Decide(remembered, server) as ContinuityVerdict.Refuse)?.Code, Is.EqualTo(code));
            }
        }
    }

    [Test]
    public void A_failover_that_kept_all_we_have_continues() => Assert.That(
        ContinuityCheck.Decide(Remembered, Server with { Timeline = 2, TimelineSwitch = new Lsn(200) }), Is.InstanceOf<ContinuityVerdict.Continue>());

    [Test]
    public void A_history_file_tells_where_a_timeline_ended()
    {
        const string file = "1\t0/5DD7DBC8\tno recovery target specified\n\n2\t9/10\tbefore 2020 # comment\n";
        Assert.That(TimelineHistory.EndOf(2, file), Is.EqualTo(Lsn.Parse("9/10")));
        Assert.That(TimelineHistory.EndOf(3, file), Is.Null);
    }
}
