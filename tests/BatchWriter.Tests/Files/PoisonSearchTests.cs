using Philotes.BatchWriter.Files;

namespace Philotes.BatchWriter.Tests.Files;

public sealed class PoisonSearchTests
{
    [TestCase(1, 0)]
    [TestCase(2, 0)]
    [TestCase(2, 1)]
    [TestCase(1_000, 321)]
    [TestCase(65_536, 65_535)]
    [TestCase(1_000_000, 999_999)]
    [TestCase(1_000_000, 967_233)]
    public async Task One_event_is_found_in_at_most_17_encodes(long events, long poison)
    {
        var encodes = 1; // the one that failed at first
        var found = await PoisonSearch.FindAsync(events, (from, to) =>
        {
            encodes++;
            return Task.FromResult(poison < from || poison >= to);
        });
        Assert.That(found, Is.EqualTo(poison));
        Assert.That(encodes, Is.LessThanOrEqualTo(17));
    }

    [Test]
    public async Task A_full_disk_blames_nobody() => Assert.That(await PoisonSearch.FindAsync(50_000, (_, _) => Task.FromResult(false)), Is.Null);

    [Test]
    public async Task A_failure_that_no_event_repeats_is_no_events_fault() =>
        Assert.That(await PoisonSearch.FindAsync(50_000, (_, _) => Task.FromResult(true)), Is.Null);
}
