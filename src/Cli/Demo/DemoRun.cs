using System.Globalization;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Cli.Demo;

/// <summary>
/// The main job, from a change at the source to a row that a program we did not write reads back: starts everything, lets the shop work,
/// waits for the lake, compares.
/// </summary>
sealed class DemoRun(DemoOptions options, TextWriter output)
{
    static readonly TimeSpan LakeTimeout = TimeSpan.FromMinutes(3);

    readonly WorkProgress _progress = WorkProgress.Of(output, keepsLines: false);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var reader = ForeignReader.Find();
        using var folder = DemoFolder.Open(options.Folder);
        await using var stage = new DemoStage();
        _progress.Say("Starting Postgres with the shop, the buffer and the catalog's database ...");
        await stage.StartServersAsync(folder, cancellationToken);
        var log = new ShopLog();
        await using var connection = await stage.Source.OpenConnectionAsync(cancellationToken);
        var shop = new ShopWorkload(connection, log, TimeProvider.System);
        await shop.StockAsync(cancellationToken);
        _progress.Say(string.Create(CultureInfo.InvariantCulture, $"The shop has {ShopWorkload.ExistingRowCount:N0} rows already. Starting philotes-capture and philotes-batch-writer ..."));
        await stage.StartServicesAsync(folder, cancellationToken);
        await stage.CaptureIsReadyAsync(cancellationToken);
        await WorkAsync(stage, shop, log, cancellationToken);
        await LakeHoldsEverythingAsync(stage, log, cancellationToken);
        var results = await CompareAsync(stage, log, reader, cancellationToken);
        DemoReport.Print(Consoles.Of(output), results);
        var equal = results.All(result => result.IsEqual);
        output.WriteLine(equal ? "\nThe lake holds exactly what the source did." : "\nThe lake does NOT hold what the source did.");
        DemoReport.PrintNext(output, results, folder, stage, options.Keep);
        if (options.Keep)
            await KeepAsync(stage, cancellationToken);
        return equal ? ExitCode.Ok : ExitCode.Bug;
    }

    async Task WorkAsync(DemoStage stage, ShopWorkload shop, ShopLog log, CancellationToken cancellationToken)
    {
        await using var watch = new CopyWatch(stage.Buffer);
        await shop.RunAsync(
            options.Duration,
            options.TransactionsPerSecond,
            elapsed => _progress.Show(watch.Beside(string.Create(CultureInfo.InvariantCulture,
                $"The shop works: {elapsed.TotalSeconds,3:F0} of {options.Duration.TotalSeconds:F0} s, {log.Transactions:N0} transactions, {log.Count - ShopWorkload.ExistingRowCount:N0} changes")), watch.Copies),
            cancellationToken);
        var copied = (await new CopyLedger(stage.Buffer).ProgressAsync(cancellationToken)).Sum(table => table.Rows);
        _progress.Say(string.Create(CultureInfo.InvariantCulture, $"The shop is closed: {log.Transactions:N0} transactions, {log.Count - ShopWorkload.ExistingRowCount:N0} changes; {copied:N0} existing rows were copied beside them."));
    }

    async Task LakeHoldsEverythingAsync(DemoStage stage, ShopLog log, CancellationToken cancellationToken)
    {
        var status = new BufferStatus(stage.Buffer);
        await using var watch = new CopyWatch(stage.Buffer);
        await Waiting.UntilAsync("the lake to hold everything", LakeTimeout, async token =>
        {
            stage.ThrowIfAServiceDied();
            var tables = (await status.ReadAsync(token)).Tables;
            ThrowIfBlocked(tables);
            var (buffered, committed) = (tables.Sum(table => table.RowsIn), tables.Sum(table => table.RowsOut));
            _progress.Show(watch.Beside(string.Create(CultureInfo.InvariantCulture, $"Waiting for the lake: {buffered:N0} buffered, {committed:N0} of {log.Count:N0} committed")), watch.Copies);
            return committed >= log.Count && tables.All(table => table.RowsPending == 0);
        }, cancellationToken);
        _progress.Say("The lake has caught up. Reading every table with icebird ...");
    }

    static void ThrowIfBlocked(IReadOnlyList<TableStatus> tables)
    {
        if (tables.FirstOrDefault(table => table.State == "blocked") is { } blocked)
            throw new PhilotesException(blocked.BatchErrorCode ?? "PH604", $"{blocked.Name} is blocked: {blocked.BatchErrorText ?? blocked.StateReason}");
    }

    static async Task<IReadOnlyList<DemoResult>> CompareAsync(DemoStage stage, ShopLog log, ForeignReader reader, CancellationToken cancellationToken)
    {
        var buffered = (await new BufferStatus(stage.Buffer).ReadAsync(cancellationToken)).Tables.ToDictionary(table => table.Name);
        using var catalog = new DemoCatalogClient(stage.Catalog.Uri);
        List<DemoResult> results = [];
        foreach (var table in Shop.Tables)
        {
            var expected = log.Of(table);
            var lake = await catalog.FindAsync(table.Name.Schema, table.Name.Table + "_changelog", cancellationToken);
            IReadOnlyList<LakeRow> rows = lake is null ? [] : await reader.ReadAsync(lake.MetadataLocation, cancellationToken);
            results.Add(new DemoResult(
                table, expected.Count, buffered.GetValueOrDefault(table.Name)?.RowsIn ?? 0, lake?.TotalRecords ?? 0, rows.Count,
                lake?.MetadataLocation, LakeComparison.Difference(table, expected, rows)));
        }
        return results;
    }

    static async Task KeepAsync(DemoStage stage, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
                stage.ThrowIfAServiceDied();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }
}
