using Npgsql;
using Philotes.BatchWriter.Operations;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Capture;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>Runs the checks of the areas that are configured. What cannot be reached is a failure of its area, never the end of the run.</summary>
sealed class DoctorRun(LoadedConfiguration loaded)
{
    const string Action = "doctor --fix";

    static readonly TimeSpan SkewMax = TimeSpan.FromSeconds(5);

    readonly PhilotesOptions _options = loaded.Options;

    public async Task<IReadOnlyList<Finding>> RunAsync(IReadOnlyList<string> areas, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        if (areas.Contains("config"))
            findings.AddRange(Configuration());
        if (areas.Contains("source"))
            findings.AddRange(await ReachedAsync("DR05", "source", SourceAsync, cancellationToken));
        if (areas.Contains("buffer"))
            findings.AddRange(await ReachedAsync("DR20", "buffer", BufferAsync, cancellationToken));
        if (areas.Contains("catalog") || areas.Contains("store"))
            findings.AddRange((await ReachedAsync("DR40", "catalog", LakeAsync, cancellationToken)).Where(finding => areas.Contains(finding.Area)));
        return findings;
    }

    /// <summary>What is ours to repair: missing migrations; where none is, detaches that were left unfinished. An empty plan where nothing is.</summary>
    public async Task<ChangePlan> RepairAsync(CancellationToken cancellationToken)
    {
        if (_options.Buffer.Connection is null)
            return new ChangePlan([], ApplyAsync: null);
        await using var buffer = BufferDatabase.Open(_options);
        var pending = (await new SchemaMigrator(buffer).StatusAsync(cancellationToken)).Pending;
        if (pending.Count > 0)
            return new ChangePlan([.. pending.Select(name => $"DR20: runs migration {name}")], MigrateAsync);
        var unfinished = await new Retention(buffer).UnfinishedAsync(cancellationToken);
        return unfinished.Count == 0
            ? new ChangePlan([], ApplyAsync: null)
            : new ChangePlan([$"DR23: finishes the detach of generations {string.Join(", ", unfinished)}, which retention has withdrawn"], (by, token) => FinishAsync(unfinished, by, token));
    }

    async Task<string> MigrateAsync(Signature by, CancellationToken cancellationToken)
    {
        await using var buffer = BufferDatabase.Open(_options);
        return $"DR20: ran migration {string.Join(", ", await new SchemaMigrator(buffer).UpAsync(Action, by, cancellationToken))}";
    }

    async Task<string> FinishAsync(IReadOnlyList<int> unfinished, Signature by, CancellationToken cancellationToken)
    {
        await using var buffer = BufferDatabase.Open(_options);
        await new Operator(buffer).NoteAsync(Action, System.Text.Json.JsonSerializer.Serialize(new { detaches = unfinished }), by, cancellationToken);
        var report = await new Retention(buffer).FinishAsync(new RetentionOptions(), cancellationToken);
        return report.Ran
            ? $"DR23: finished the detach of {report.Dropped.Count} generations; {report.Waiting.Count} wait for a reader"
            : "DR23: nothing, another process is doing a round of retention right now";
    }

    List<Finding> Configuration()
    {
        const string why = "A secret in the file is in every backup of it; a connection without TLS can be read on its way.";
        List<Finding> findings = [.. loaded.Warnings.Select(warning => new Finding("DR50", "config", "warn", warning.ToString()!, "${file:/run/secrets/…} or ${env:NAME}", why))];
        if (_options.Tables.Count == 0)
            findings.Add(new Finding("DR50", "config", "fail", "no rule under 'tables' matches anything", "tables: [{ match: public.* }]", "Nothing is captured without a rule."));
        return findings.Count > 0 ? findings : [new Finding("DR50", "config", "ok", "the configuration is valid and holds no secret in the open", null, why)];
    }

    async Task<IReadOnlyList<Finding>> SourceAsync(CancellationToken cancellationToken)
    {
        if (_options.Source.Connection is not { } connection)
            return [Skip("DR05", "source", "source.connection is not set")];
        var text = connection.ToConnectionString("philotes-doctor");
        await using var source = NpgsqlDataSource.Create(text);
        var reached = await ReplicationCheck.RunAsync(text, cancellationToken);
        return
        [
            reached,
            .. await SourceChecks.RunAsync(
                source, _options.Source.Slot, _options.Source.Publication.Name, (schema, table) => _options.For(schema, table) is not null, cancellationToken),
            await PublicationAge.CheckAsync(source, _options.Source.Slot, _options.Source.Publication, cancellationToken),
            await ContinuityAsync(reached, cancellationToken),
        ];
    }

    async Task<Finding> ContinuityAsync(Finding reached, CancellationToken cancellationToken)
    {
        const string why = "A slot that cannot continue where the buffer ends has lost changes; starting it would hide that.";
        if (reached.IsFailure)
            return Skip("DR06", "source", "could not be checked without a replication connection (DR05)");
        if (_options.Buffer.Connection is null)
            return Skip("DR06", "source", "buffer.connection is not set");
        await using var buffer = BufferDatabase.Open(_options);
        return await Continuity.RefusalAsync(_options, buffer, cancellationToken) is { } refusal
            ? new Finding("DR06", "source", "fail", $"{refusal.Code}: {refusal.Message}", $"philotes explain {refusal.Code}", why)
            : new Finding("DR06", "source", "ok", "the slot continues where the buffer ends", null, why);
    }

    async Task<IReadOnlyList<Finding>> BufferAsync(CancellationToken cancellationToken)
    {
        if (_options.Buffer.Connection is null)
            return [Skip("DR20", "buffer", "buffer.connection is not set")];
        await using var buffer = BufferDatabase.Open(_options);
        var status = await new SchemaMigrator(buffer).StatusAsync(cancellationToken);
        if (!status.IsCurrent)
            return [new Finding("DR20", "buffer", "fail", $"the schema is not this build's: {status.Pending.Count} migrations pending, {status.Changed.Count} changed, {status.Unknown.Count} unknown", "philotes schema up --yes", "Programs refuse a schema that they do not know.")];
        var findings = await BufferProbe.RunAsync(buffer, _options, cancellationToken);
        var at = (await new BufferStatus(buffer).ReadAsync(cancellationToken)).At;
        return [.. findings, Skew("buffer", TimeProvider.System.GetUtcNow() - at)];
    }

    async Task<IReadOnlyList<Finding>> LakeAsync(CancellationToken cancellationToken)
    {
        if (_options.Lake.Catalog is null)
            return [Skip("DR40", "catalog", "lake.catalog is not set"), Skip("DR30", "store", "lake.catalog is not set")];
        var probe = await LakeProbe.RunAsync(_options, TimeProvider.System, cancellationToken);
        List<Finding> findings = [.. probe.Findings.Select(found => new Finding(found.Id, found.Area, found.Result, found.What, found.Remedy, found.Why))];
        findings.AddRange(probe.Clocks.Select(theirs => Skew(theirs.Area, theirs.Ahead)));
        return findings;
    }

    /// <param name="ahead">How far this machine's clock is before theirs.</param>
    static Finding Skew(string area, TimeSpan ahead)
    {
        var skew = ahead.Duration();
        const string why = "Snapshots are ordered by time: one from the future makes some catalogs refuse every later commit.";
        return skew < SkewMax
            ? new Finding("DR24", area, "ok", $"the clock of the {area} is ours", null, why)
            : new Finding("DR24", area, "warn", $"the clock of the {area} differs from this machine's by {Amounts.Age(skew)}", "run chrony or ntpd on both", why);
    }

    static Finding Skip(string id, string area, string what) => new(id, area, "skip", what, null, "");

    static async Task<IReadOnlyList<Finding>> ReachedAsync(string id, string area, Func<CancellationToken, Task<IReadOnlyList<Finding>>> checks, CancellationToken cancellationToken)
    {
        try
        {
            return await checks(cancellationToken);
        }
        catch (Exception away) when (away is NpgsqlException or HttpRequestException or Shared.PhilotesException or Iceberg.IcebergException)
        {
            return [new Finding(id, area, "fail", $"the {area} cannot be used: {Failure.Describe(away)}", $"check the address, the credentials and the network of the {area}", "Nothing of it could be checked.")];
        }
    }
}
