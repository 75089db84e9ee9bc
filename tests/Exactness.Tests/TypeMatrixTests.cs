using System.Text.Json.Nodes;
using Philotes.Exactness.Tests.Matrix;
using Philotes.Testing;

namespace Philotes.Exactness.Tests;

/// <summary>Every type and its values, copied, inserted, updated and deleted, through both programs, read back by two readers that we did not write.</summary>
[NonParallelizable]
public sealed class TypeMatrixTests
{
    /// <param name="copied">The rows are there before capture is, and are copied; else they come as inserts.</param>
    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(400_000)]
    public async Task Every_value_of_every_type_comes_back_from_two_readers(bool copied, CancellationToken cancellationToken)
    {
        var columns = TypeMatrix.Load();
        await using var server = await PostgresServer.StartAsync(installation: PostgresServer.WithPostGis);
        await using var pipeline = await Pipeline.CreateAsync(server, server, new PipelineShape("public.every_type", Defaults: copied ? "" : "  copy: never"), cancellationToken);
        var source = new MatrixSource(pipeline.SourceConnection, columns);
        await source.CreateAsync(cancellationToken);
        if (copied)
            await source.InsertAsync(0, source.RowCount, cancellationToken);
        pipeline.StartCapture();
        pipeline.StartWriter();
        await pipeline.SlotActiveAsync(cancellationToken);
        if (!copied)
            await source.InsertAsync(0, source.RowCount / 2, cancellationToken);
        await pipeline.CatchUpAsync(cancellationToken);
        if (!copied)
            await source.InsertAsync(source.RowCount / 2, source.RowCount, cancellationToken);
        var texts = await source.TextsAsync(cancellationToken);
        await source.UpdateAndDeleteAsync(cancellationToken);
        await pipeline.CatchUpAsync(cancellationToken);

        var first = copied ? "read" : "insert";
        var metadata = await MatrixLake.MetadataAsync(pipeline.CatalogUri, cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(columns.Sum(column => column.Values.Count), Is.GreaterThanOrEqualTo(500), "values in the matrix");
            Assert.That(await MatrixLake.TypesAsync(metadata, cancellationToken), Is.SupersetOf(columns.Select(column => $"{column.Name} {column.Iceberg}")));
            Assert.That(Differences(columns, texts, first, await ForeignReaders.ReadMetadataWithJavaAsync(metadata)), Is.Empty, "by the reference reader");
            Assert.That(Differences(columns, texts, first, await ForeignReaders.ReadWithDuckDbAsync(new Uri(metadata).LocalPath, "public.t")), Is.Empty, "by DuckDB's extension");
            Assert.That(await FilterDifferencesAsync(columns, metadata), Is.Empty, "under a filter per column");
            Assert.That(await ForeignReaders.CheckFootersAsync(pipeline.Warehouse), Is.Empty, "footers");
            Assert.That(await MatrixLake.ExceptionsAsync(pipeline.Buffer, cancellationToken), Is.EquivalentTo(Outside(columns, texts)), "recorded values");
        }
    }

    [Test]
    public void Postgis_is_among_the_types()
    {
        if (PostgresServer.WithPostGis is null)
            Prerequisite.Missing("PostGIS (Debian's postgresql-15-postgis-3)");
        Assert.That(TypeMatrix.Load().Select(column => column.Postgres), Has.Some.StartsWith("geometry").And.Some.StartsWith("geography"));
    }

    [Test]
    public void The_page_in_docs_is_the_one_of_the_matrix()
    {
        var page = Peers.Repository("docs", "exactness.md");
        if (Environment.GetEnvironmentVariable("PHILOTES_WRITE_DOCS") == "1")
            File.WriteAllText(page, MatrixReport.Markdown(TypeMatrix.LoadAll()));
        Assert.That(File.ReadAllText(page), Is.EqualTo(MatrixReport.Markdown(TypeMatrix.LoadAll())), "renew it with PHILOTES_WRITE_DOCS=1");
    }

    /// <summary>Each value that is not as it must be, as a line; a row that is missing too.</summary>
    private static List<string> Differences(IReadOnlyList<TypeColumn> columns, IReadOnlyList<string?[]> texts, string first, IReadOnlyList<string> lines)
    {
        var rows = lines.Select(line => JsonNode.Parse(line)!.AsObject()).ToLookup(row => $"{row["_cdc_operation"]} {row["id"]}");
        var differences = new List<string>();
        for (var row = 0; row < texts.Count; row++)
        {
            foreach (var way in new[] { $"{first} {row}", $"update {row + MatrixSource.UpdatedFrom}", $"delete {row}" })
            {
                if (rows[way].Count() != 1)
                    differences.Add($"{way}: {rows[way].Count()} rows");
                else
                    differences.AddRange(Differences(columns, row, texts[row], way, rows[way].Single()));
            }
        }

        return differences;
    }

    private static IEnumerable<string> Differences(IReadOnlyList<TypeColumn> columns, int row, string?[] texts, string way, JsonObject actual)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            var value = row < columns[i].Values.Count ? columns[i].Values[row] : null;
            var expected = value is null or { IsOutside: true } ? null : value.Canonical ?? CanonicalText.Of(columns[i].Iceberg, texts[i]!);
            var found = actual[columns[i].Name];
            if (expected is null ? found is not null : !CanonicalText.Same(columns[i].Iceberg, expected, found))
                yield return $"{way}, {columns[i].Postgres}: {expected ?? "null"} came back as {found?.ToJsonString() ?? "null"}";
        }
    }

    /// <summary>
    /// For each column of a plain type: the rows under <c>= value</c>, <c>is null</c> and <c>is not null</c> are as many as those found by hand without a filter. The values
    /// lie in several files, so bounds and counts decide which are opened.
    /// </summary>
    private static async Task<List<string>> FilterDifferencesAsync(IReadOnlyList<TypeColumn> columns, string metadata)
    {
        var rows = (await ForeignReaders.ReadMetadataWithJavaAsync(metadata)).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        var questions = columns.Where(column => !column.IsNested).SelectMany(column => MatrixFilter.Of(column, rows)).ToList();
        var java = await ForeignReaders.CountWithJavaAsync(metadata, [.. questions.Select(question => question.Java)]);
        var duckDb = await ForeignReaders.CountWithDuckDbAsync(new Uri(metadata).LocalPath, [.. questions.Select(question => question.Sql)]);
        var forIcebird = questions.Where(question => question.Icebird is not null).ToList();
        var icebird = forIcebird.Zip(await ForeignReaders.CountWithIcebirdAsync(metadata, [.. forIcebird.Select(question => question.Icebird!)])).ToDictionary(answer => answer.First, answer => answer.Second);
        Assert.That(questions, Has.Count.GreaterThan(250), "filters");
        Assert.That(forIcebird, Has.Count.GreaterThan(questions.Count * 9 / 10), "filters for icebird");
        return [.. questions.SelectMany((question, i) => new[] { ("Java", java[i]), ("DuckDB", duckDb[i]), ("icebird", icebird.TryGetValue(question, out var count) ? count : question.Expected) }.Where(answer => answer.Item2 != question.Expected)
            .Select(answer => $"{answer.Item1}: {question.Postgres}, {question.Sql}: {answer.Item2?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "refused"} of {question.Expected}"))];
    }

    private static IEnumerable<string> Outside(IReadOnlyList<TypeColumn> columns, IReadOnlyList<string?[]> texts) =>
        columns.SelectMany((column, i) => column.Values.SelectMany((value, row) => value.IsOutside ? Enumerable.Repeat($"{column.Name} {texts[row][i]}", 3) : []));
}
