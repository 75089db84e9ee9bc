using System.CommandLine;
using Npgsql;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Cli;

/// <summary><c>slot show</c>: our slot at the source, what it keeps there, and who holds it back.</summary>
static class SlotCommands
{
    static readonly Listing<SlotEntry> Slot = new("slot", "There is no slot.",
        new("name", "Name of the slot.", s => s.Name, "SLOT"),
        new("exists", "Whether the source has it.", s => s.Exists, "EXISTS"),
        new("serverVersion", "Postgres version of the source.", s => s.ServerVersion, "SERVER"),
        new("plugin", "Its output plugin.", s => s.Plugin, "PLUGIN"),
        new("active", "Whether somebody reads it now.", s => s.Active, "ACTIVE"),
        new("holder", "Who reads it.", s => s.Holder, "READ BY"),
        new("walStatus", "reserved, extended, unreserved or lost.", s => s.WalStatus, "WAL STATUS"),
        new("confirmedLsn", "What we have told the source that we hold.", s => s.ConfirmedLsn, "CONFIRMED"),
        new("restartLsn", "Where decoding would begin again.", s => s.RestartLsn, "RESTART"),
        new("retainedBytes", "Log that the source keeps because of it.", s => s.RetainedBytes, "KEEPS", s => Amounts.Bytes(s.RetainedBytes ?? 0)),
        new("safeBytes", "Log that may still be written before it is lost; null for never.", s => s.SafeBytes, "LOST AFTER", s => Amounts.Bytes(s.SafeBytes ?? 0)),
        new("secondsToLoss", "The same in time, at the rate of the last seconds; null for never.", s => s.ToLoss, "LOST IN"),
        new("walBytesPerSecond", "How fast the source writes its log.", s => s.BytesPerSecond, "LOG RATE", s => Amounts.Bytes((long)(s.BytesPerSecond ?? 0)) + "/s"),
        new("spilledBytes", "Decoded bytes that the source spilled to disk for it.", s => s.SpilledBytes, "SPILLED", s => Amounts.Bytes(s.SpilledBytes ?? 0)),
        new("heldBy", "Transactions that keep it from moving, oldest first.", s => s.HeldBy, "HELD BACK BY"));

    public static Command Build(ConfigurationArguments configuration)
    {
        var command = new Command("slot", "The replication slot at the source.");
        command.Subcommands.Add(ReadVerb.Show("show", "What the slot keeps at the source and when it would be lost.", Slot, [], async (parsed, cancellationToken) =>
        {
            var source = configuration.Load(parsed).Options.Source;
            var connection = source.Connection ?? throw CommandLineError.Of("source.connection", "is missing; this command asks the source");
            await using var database = NpgsqlDataSource.Create(connection.ToConnectionString("philotes"));
            return await SlotEntry.ReadAsync(database, source.Slot, TimeProvider.System, cancellationToken)
                ?? throw new PhilotesException("PH102", $"The source did not answer about slot {source.Slot}.");
        }).Watched());
        return command;
    }
}
