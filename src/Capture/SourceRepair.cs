using System.Globalization;
using Npgsql;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Capture.Source;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Capture;

/// <summary>
/// Lets a source go on whose slot is lost: its position is forgotten, its slot dropped, and every captured table is copied again, so that what was
/// missed between is in the copy. Only at the same cluster and timeline, where positions go on growing; a changelog's order is theirs.
/// A crash between the two steps leaves a source that capture refuses as before, and that is repaired by the same command again.
/// </summary>
public sealed class SourceRepair(PhilotesOptions options)
{
    private static readonly string[] Repairable = ["PH102", "PH104", "PH105"];

    private SourceRecord? _source;
    private string _code = "";

    /// <summary>What would be done, in sentences.</summary>
    /// <exception cref="PhilotesException">PH020: nothing is lost, or a copy under the same name would not be exact.</exception>
    public async Task<IReadOnlyList<string>> PlanAsync(NpgsqlDataSource buffer, CancellationToken cancellationToken)
    {
        _source = await new SourceRegistry(buffer).FindAsync(options.Source.Name, cancellationToken)
            ?? throw new PhilotesException("PH020", $"The buffer knows no source {options.Source.Name}: start capture, which begins it.");
        var refusal = await Continuity.RefusalAsync(options, buffer, cancellationToken)
            ?? throw new PhilotesException("PH020", $"Nothing of source {options.Source.Name} is lost: capture can go on, or is at it. 'philotes replay plan --mode table' copies one table again.");
        if (!Repairable.Contains(refusal.Code))
            throw new PhilotesException("PH020", $"This cannot be repaired under the name {options.Source.Name}, because positions would no longer be in order ({refusal.Code}: {refusal.Message}). Point source.connection back, or begin with a new source.name and slot.");
        _code = refusal.Code;
        return
        [
            $"{refusal.Code}: {refusal.Message}",
            $"Slot {options.Source.Slot} is dropped, and capture makes a new one at its next start. Everything that is in the buffer stays and goes on into the lake.",
            "Every captured table is copied again: its changelog gets a truncate and then every row of the source as read. Until its rows are in, its changes wait in the buffer.",
        ];
    }

    /// <summary>Returns what was done.</summary>
    public async Task<string> ApplyAsync(NpgsqlDataSource buffer, Signature by, CancellationToken cancellationToken)
    {
        var tables = await new Operator(buffer).RepairSourceAsync(_source!.SourceId, _source.Durable, _code, by, cancellationToken);
        await using var catalog = await SourceConnection.OpenAsync(options.Source.Connection!.ToConnectionString("philotes-repair"), cancellationToken);
        await using var drop = new NpgsqlCommand(SourceSql.DropSlot, catalog) { Parameters = { new() { Value = options.Source.Slot } } };
        await drop.ExecuteNonQueryAsync(cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"Source {options.Source.Name} begins anew; {tables} tables are copied again once capture runs.");
    }
}
