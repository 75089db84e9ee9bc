namespace Philotes.BatchWriter.Tests.Commit;

/// <summary>A failing seed is printed and reproduces: it is all that a run is made of.</summary>
public sealed class CommitModelTests
{
    [Test]
    [CancelAfter(180_000)]
    public void A_hundred_thousand_interleavings_of_two_writers_leases_and_faults_apply_each_batch_once()
    {
        var wrong = Enumerable.Range(1, 100_000).AsParallel().Select(seed => new CommitModel(seed).Run()).Where(fault => fault is not null).Take(3).ToList();
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Without_the_assertion_of_the_parent_the_model_finds_doubled_batches() =>
        Assert.That(Enumerable.Range(1, 2_000).Count(seed => new CommitModel(seed, assertsParent: false).Run() is not null), Is.GreaterThan(50));

    [Test]
    public void Without_the_mark_runs_do_not_end_right() =>
        Assert.That(Enumerable.Range(1, 2_000).Count(seed => new CommitModel(seed, readsMark: false).Run() is not null), Is.GreaterThan(50));
}
