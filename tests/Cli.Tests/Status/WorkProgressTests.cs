using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.Cli.Tests.Status;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class WorkProgressTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Clock _time = new(Start);
    private readonly StringWriter _output = new();

    public void Dispose() => _output.Dispose();

    [Test]
    public void On_a_terminal_every_copied_table_has_a_bar_that_is_drawn_in_place()
    {
        var progress = new WorkProgress(_output, terminalWidth: 200, keepsLines: true, _time);
        _time.Pass(TimeSpan.FromSeconds(10));
        progress.Show("the line", Half);

        Assert.That(Lines(), Is.EqualTo((string[])
        [
            "public.orders                  ##########..........  50 %  copying  1,000 of about 2,000 rows  50.0 MB of 100 MB  part 2 of 4  5.0 MB/s, 10 s left",
            "public.waits                   waiting  PH124 no slot",
            "Existing rows                  ##########..........  50 %  1 of 3 tables  1,010 rows  50.0 MB of 100 MB  5.0 MB/s, 10 s left",
            "the line",
        ]));

        _time.Pass(TimeSpan.FromSeconds(1));
        progress.Show("the line", Half);
        Assert.That(_output.ToString(), Does.Contain("\e[4F\e[J"), "the second picture replaces the first one");
        progress.Say("done");
        Assert.That(Lines()[^1], Is.EqualTo("\e[4F\e[Jdone"), "what stays replaces the last picture");
    }

    [Test]
    public void Elsewhere_copies_have_a_plain_line_every_ten_seconds()
    {
        var progress = new WorkProgress(_output, terminalWidth: null, keepsLines: true, _time);
        for (var second = 0; second <= 20; second++)
        {
            progress.Show("the line", Half);
            _time.Pass(TimeSpan.FromSeconds(1));
        }

        Assert.That(Lines().Count(line => line.StartsWith("Existing rows ", StringComparison.Ordinal)), Is.EqualTo(3));
        Assert.That(Lines().Count(line => line == "the line"), Is.EqualTo(5));
        Assert.That(_output.ToString(), Does.Not.Contain("\e"));
    }

    [Test]
    public void The_end_of_the_copies_is_said_once_and_those_of_an_earlier_run_are_not()
    {
        var progress = new WorkProgress(_output, terminalWidth: null, keepsLines: true, _time);
        CopyProgress[] copied = [Table("orders", "active", 2_000) with { FinishedAt = Start.AddSeconds(3) }, Table("old", "active", 7) with { FinishedAt = Start.AddDays(-1) }];
        progress.Show("the line", copied);
        progress.Show("the line", copied);
        Assert.That(Lines(), Is.EqualTo((string[])["Existing rows are copied: 2,000 rows of 1 tables.", "the line"]));
    }

    private static IReadOnlyList<CopyProgress> Half =>
    [
        Table("done", "active", 10) with { BytesExpected = 0 },
        Table("waits", "waiting", 0) with { BytesExpected = 0, StartedAt = null, ErrorCode = "PH124", ErrorText = "no slot" },
        Table("orders", "copying", 1_000) with { Bytes = 50_000_000, RangesDone = 2 },
    ];

    private static CopyProgress Table(string name, string state, long rows) => new(
        1, "shop", new TableName("public", name), 1, state, Paused: false, RowsExpected: 2_000, rows, BytesExpected: 100_000_000, Bytes: 0, Ranges: 4, RangesDone: 0, Start, FinishedAt: null, null, null);

    private string[] Lines() => _output.ToString().TrimEnd().Split(Environment.NewLine);

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        private DateTimeOffset _now = now;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _now.UtcTicks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(TimeSpan time) => _now += time;
    }
}
