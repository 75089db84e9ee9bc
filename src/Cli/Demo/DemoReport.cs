using Philotes.Hosting.Embedded;
using Spectre.Console;

namespace Philotes.Cli.Demo;

/// <summary>What the demo prints at its end.</summary>
static class DemoReport
{
    public static void Print(IAnsiConsole console, IReadOnlyList<DemoResult> results)
    {
        var table = new Table().Border(TableBorder.None).AddColumn("table");
        foreach (var heading in new[] { "changes at the source", "buffered", "in the lake", "read by icebird" })
            table.AddColumn(new TableColumn(heading).RightAligned());
        table.AddColumn("equal");
        foreach (var result in results)
        {
            table.AddRow(
                Markup.Escape(result.Table.Name.ToString()), Amounts.Count(result.AtSource), Amounts.Count(result.Buffered),
                Amounts.Count(result.InLake), Amounts.Count(result.Read), result.IsEqual ? "yes" : "NO");
        }
        console.WriteLine();
        console.Write(table);
        foreach (var result in results.Where(result => result.Difference is not null))
            console.WriteLine($"{result.Table.Name}: {result.Difference}");
    }

    public static void PrintNext(TextWriter output, IReadOnlyList<DemoResult> results, DemoFolder folder, DemoStage stage, bool keep)
    {
        var location = results.FirstOrDefault(result => result.Table == Shop.Orders)?.MetadataLocation;
        output.WriteLine();
        output.WriteLine($"Everything is in {folder.Path}. What to type next:");
        if (location is not null)
        {
            var file = new Uri(location).LocalPath;
            output.WriteLine($"""
                  DuckDB     install iceberg; load iceberg;
                             select _cdc_operation, count(*) from iceberg_scan('{file}') group by all;
                  PyIceberg  from pyiceberg.table import StaticTable
                             StaticTable.from_metadata('{file}').scan().to_arrow()
                """);
        }
        if (!keep)
        {
            output.WriteLine("  psql       './build.sh demo --keep' leaves Postgres, catalog and both processes running, and says how to look at them");
            return;
        }
        var password = Path.Combine(stage.Server.DataFolder, "philotes.password");
        output.WriteLine($"""
              psql       PGPASSWORD=$(cat {password}) psql -h 127.0.0.1 -p {stage.Server.Port} -U {EmbeddedPostgres.User} {DemoConfiguration.BufferDatabase}
                         select * from philotes.v_table;   -- and philotes.v_event, philotes.v_batch
              source     the same with the database {DemoConfiguration.SourceDatabase}: change a row and look again
              catalog    curl {stage.Catalog.Uri}v1/namespaces
              metrics    curl http://127.0.0.1:{stage.CapturePort}/metrics
            Ctrl-C ends it all.
            """);
    }
}
