using Microsoft.Extensions.Logging;
using Npgsql;

namespace Philotes.Capture.Source;

/// <summary>Takes up new tables while the stream runs, and moves tables whose replica identity came or went, before the application notices.</summary>
internal sealed class PublicationKeeper(ManagedPublication publication, CaptureSettings settings, TimeProvider time, ILogger logger)
{
    /// <summary>Looks until cancelled. A failed look changes nothing and is repeated at the next.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(settings.PublicationCheck, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await using var catalog = await SourceConnection.OpenAsync(settings.SourceConnection(), cancellationToken);
                Tell(await publication.SynchroniseAsync(catalog, cancellationToken));
            }
            catch (Exception e) when (e is NpgsqlException or Shared.PhilotesException or IOException or TimeoutException)
            {
                logger.PublicationCheckFailed(e, settings.SourceName, settings.PublicationCheck);
            }
        }
    }

    public void Tell(PublicationChange change)
    {
        foreach (var table in change.Added)
        {
            logger.TableTakenUp(settings.SourceName, table);
        }

        foreach (var table in change.WithoutIdentity)
        {
            logger.TableWithoutIdentity(table, Identifier.Quote(table.Schema, table.Table));
        }

        foreach (var table in change.Gone)
        {
            logger.TableGone(table);
        }
    }
}
