using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Buffer;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// Looks at the publications while the stream runs: takes up new tables, moves tables whose replica identity came or went before the
/// application notices, and writes down which tables are captured no longer and which partitions came or left with rows.
/// </summary>
internal sealed class PublicationKeeper(IPublication publication, CaptureSettings settings, SourceRegistry registry, int sourceId, CaptureRuntime runtime)
{
    private const string Gone = "PH111: it was dropped, or left the publication or the configuration; its changes from then on are not captured";

    private readonly PartitionWatch _partitions = new(registry, sourceId, runtime.Logger);

    /// <summary>Looks until cancelled. What time can heal changes nothing and is tried again at the next look; anything else is thrown.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(settings.PublicationCheck, runtime.Time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await using var catalog = await SourceConnection.OpenAsync(settings.SourceConnection(), cancellationToken);
                await LookAsync(catalog, cancellationToken);
            }
            catch (Exception e) when (e is NpgsqlException or PhilotesException or IOException or TimeoutException)
            {
                var failure = CaptureFailure.Of(e);
                runtime.Logger.PublicationCheckFailed(e, failure.Code, settings.SourceName, settings.PublicationCheck, failure.Reason);
            }
        }
    }

    /// <summary>One look.</summary>
    public async Task LookAsync(NpgsqlConnection catalog, CancellationToken cancellationToken)
    {
        var change = await publication.SynchroniseAsync(catalog, cancellationToken);
        foreach (var table in change.Added)
        {
            runtime.Logger.TableTakenUp(settings.SourceName, table);
        }

        foreach (var table in change.WithoutIdentity)
        {
            runtime.Logger.TableWithoutIdentity(table, Identifier.Quote(table.Schema, table.Table));
        }

        foreach (var table in change.FailingAtSource)
        {
            runtime.Logger.PublishedTableWithoutIdentity(table, Identifier.Quote(table.Schema, table.Table));
        }

        foreach (var table in await registry.NoteCapturedAsync(sourceId, change.Captured, Gone, cancellationToken))
        {
            runtime.Logger.TableGone(table);
        }

        await _partitions.LookAsync(catalog, change.Captured, cancellationToken);
    }
}
