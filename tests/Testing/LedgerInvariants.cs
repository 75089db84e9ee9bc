using Npgsql;
using NUnit.Framework;
using Philotes.Buffer.Operations;

namespace Philotes.Testing;

/// <summary>
/// What must hold in a buffer at every moment. It is read in one snapshot, so it may be asked while capture and writers run.
/// </summary>
public static class LedgerInvariants
{
    /// <summary>Fails the test with every rule that does not hold and the first places where it does not.</summary>
    public static async Task CheckAsync(NpgsqlDataSource buffer)
    {
        var violations = await ViolationsAsync(buffer);
        Assert.That(violations, Is.Empty, () => string.Join(Environment.NewLine, violations));
    }

    public static Task<IReadOnlyList<string>> ViolationsAsync(NpgsqlDataSource buffer) => LedgerRules.ViolationsAsync(buffer, CancellationToken.None);
}
