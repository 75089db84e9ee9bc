using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tests;

/// <summary>A writer that runs and delivers nothing is found within 90 seconds by default, wherever between two looks it stopped.</summary>
public sealed class DeliveryWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="offset">Seconds between a look and the change that is never delivered.</param>
    [TestCase(0.0)]
    [TestCase(0.1)]
    [TestCase(2.5)]
    [TestCase(4.9)]
    public void A_writer_that_delivers_nothing_is_found_within_90_seconds_of_the_first_change_that_waits(double offset)
    {
        var health = new ProcessHealth(TimeProvider.System);
        var log = new LogLines<DeliveryWatch>();
        var watch = new DeliveryWatch(new PhilotesOptions(), health, log);
        var change = Start + (12 * BufferWatch.Every) + TimeSpan.FromSeconds(offset);
        DateTimeOffset? found = null;
        for (var at = Start; found is null && at < change + TimeSpan.FromMinutes(5); at += BufferWatch.Every)
        {
            watch.Looked(Report(at, delivered: Math.Min(12, (long)((at - Start) / BufferWatch.Every)), at >= change ? change : null));
            found = watch.IsStalled ? at : null;
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(found - change, Is.InRange(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90)));
            Assert.That(health.Problem, Does.StartWith("PH508: nothing has reached the lake for "));
            Assert.That(log.Lines.Single(), Does.StartWith("PH508: "));
        }
    }

    [Test]
    public void A_writer_that_delivers_slowly_and_one_with_nothing_to_do_are_well_and_one_that_goes_on_is_again()
    {
        var health = new ProcessHealth(TimeProvider.System);
        var watch = new DeliveryWatch(new PhilotesOptions(), health, new LogLines<DeliveryWatch>());
        var at = Start;
        for (var look = 0; look < 120; look++, at += BufferWatch.Every)
        {
            // Behind by ten minutes, and a batch each minute.
            watch.Looked(Report(at, delivered: look / 12, at.AddMinutes(-10)));
            Assert.That(watch.IsStalled, Is.False);
        }

        for (var look = 0; look < 120; look++, at += BufferWatch.Every)
        {
            watch.Looked(Report(at, delivered: 10, oldest: null));
            Assert.That(watch.IsStalled, Is.False);
        }

        var stopped = at;
        for (; !watch.IsStalled; at += BufferWatch.Every)
            watch.Looked(Report(at, delivered: 10, stopped));
        watch.Looked(Report(at, delivered: 11, at.AddMinutes(-1)));
        Assert.That(watch.IsStalled, Is.False);
    }

    private static StatusReport Report(DateTimeOffset at, long delivered, DateTimeOffset? oldest)
    {
        var table = new TableStatus(
            TableId: 1, "shop", new TableName("public", "orders"), "active", StateReason: null, RowsIn: delivered + (oldest is null ? 0 : 1), RowsOut: delivered, ChunksPending: 0, BytesBehind: 0,
            HeadAt: oldest, CommittedAt: null, OldestPendingAt: oldest, SnapshotId: null, ParkedEvents: 0, BatchState: null, BatchErrorCode: null, BatchErrorText: null, ReplacedValues: 0);
        return new StatusReport(at, 0, 1, [], [table], new BufferActivity(0, 0, null, 1, 0, 0, null, null));
    }
}
