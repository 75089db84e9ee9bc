using Philotes.Testing;

namespace Philotes.DuckDb.Tests;

/// <summary>10,000 hostile names as identifiers and literals of DuckDB.</summary>
public sealed class HostileNamesTests
{
    [Test]
    public void A_quoted_name_is_the_name_that_DuckDB_knows()
    {
        using var database = DuckDbDatabase.OpenInMemory(new DuckDbOptions { TempFolder = Path.GetTempPath() });
        using var connection = database.Connect();
        foreach (var names in HostileNames.Of(seed: 10, count: 10_000).Chunk(500))
        {
            var columns = string.Join(", ", names.Select(name => $"{SqlText.Literal(name)} as {SqlText.Identifier(name)}"));
            Assert.That(connection.QueryTexts($"select {columns}").Single(), Is.EqualTo(names));
        }
    }
}
