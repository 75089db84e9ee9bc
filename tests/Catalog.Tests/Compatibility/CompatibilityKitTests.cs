using System.Diagnostics;

namespace Philotes.Catalog.Tests.Compatibility;

/// <summary>Iceberg's own REST compatibility kit against the catalog: what Java's clients expect, by the people who wrote them.</summary>
[Category("Peers")]
internal sealed class CompatibilityKitTests
{
    [Test]
    [CancelAfter(300_000)]
    public async Task Every_test_of_the_kit_that_is_not_switched_off_passes(CancellationToken cancellationToken)
    {
        var script = Philotes.Testing.Peers.Path("rck.sh");
        Philotes.Testing.Peers.Java();
        await using var catalog = await TestCatalog.StartAsync();
        var (exitCode, lines) = await RunAsync(script, catalog.Uri, cancellationToken);
        foreach (var line in lines.Where(l => !l.StartsWith("PASSED", StringComparison.Ordinal)))
            TestContext.Out.WriteLine(line);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exitCode, Is.Zero, string.Join('\n', lines.Where(l => l.StartsWith("FAILED", StringComparison.Ordinal)).Append(lines[^1])));
            Assert.That(lines.Count(l => l.StartsWith("PASSED", StringComparison.Ordinal)), Is.GreaterThanOrEqualTo(144));
        }
    }

    static async Task<(int ExitCode, string[] Lines)> RunAsync(string script, Uri catalog, CancellationToken cancellationToken)
    {
        string[] arguments = [script, catalog.ToString(), "rck.supports-serverside-retry=true"];
        using var kit = Process.Start(new ProcessStartInfo("bash", arguments) { RedirectStandardOutput = true })!;
        try
        {
            var output = await kit.StandardOutput.ReadToEndAsync(cancellationToken);
            await kit.WaitForExitAsync(cancellationToken);
            return (kit.ExitCode, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (OperationCanceledException)
        {
            kit.Kill(entireProcessTree: true);
            throw;
        }
    }
}
