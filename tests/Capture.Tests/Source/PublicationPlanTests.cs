using Philotes.Capture.Source;
using Philotes.Shared;

namespace Philotes.Capture.Tests.Source;

internal sealed class PublicationPlanTests
{
    private static readonly TableName Name = new("public", "t");

    [TestCase(true, true, false, false, "full+")]
    [TestCase(true, false, false, false, "append+")]
    [TestCase(true, false, true, false, "append+ full-")]
    [TestCase(true, true, false, true, "full+ append-")]
    [TestCase(false, true, true, false, "full-")]
    [TestCase(false, false, false, true, "append-")]
    [TestCase(true, true, true, false, "")]
    public void A_table_stands_where_its_identity_says(bool wanted, bool hasIdentity, bool inFull, bool inAppendOnly, string expected)
    {
        var plan = PublicationPlan.Make([new PublishedTable(1, Name, hasIdentity, inFull, inAppendOnly)], _ => wanted);
        (string, int)[] parts =
        [
            ("full+", plan.AddToFull.Count), ("append+", plan.AddToAppendOnly.Count), ("full-", plan.DropFromFull.Count), ("append-", plan.DropFromAppendOnly.Count),
        ];
        Assert.That(string.Join(' ', parts.Where(part => part.Item2 > 0).Select(part => part.Item1)), Is.EqualTo(expected));
    }
}
