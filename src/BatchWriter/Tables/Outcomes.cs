using System.Globalization;
using Philotes.Iceberg.Rest;
using Philotes.Shared;

namespace Philotes.BatchWriter.Tables;

/// <summary>What follows from a catalog's answer where loading the table again is the way on.</summary>
internal static class Outcomes
{
    /// <summary>Returns when the change is in or another came first: load and look. Throws when it is refused or unknown.</summary>
    public static void Require(CommitOutcome outcome, string what)
    {
        switch (outcome)
        {
            case CommitOutcome.Refused refused:
                throw new PhilotesException(refused.Status is 401 or 403 ? "PH312" : "PH305", string.Create(CultureInfo.InvariantCulture,
                    $"The catalog refused to {what} ({refused.Status}): {refused.Text} Change the catalog's configuration or rights; it is tried again."));
            case CommitOutcome.Unknown unknown:
                throw new PhilotesException("PH303", $"The catalog did not say whether it could {what}: {unknown.Text} It is looked at again.", unknown.Cause);
        }
    }
}
