using Npgsql;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>What the server must offer before a slot can be made or read, told with the command that would grant it.</summary>
/// <param name="SenderTimeout">wal_sender_timeout; zero means never.</param>
/// <param name="ServerEncoding">Of the database: UTF8, LATIN1, SQL_ASCII …</param>
internal sealed record Prerequisites(
    string WalLevel, int FreeSlots, bool MayReplicate, string Role, string Database, int ServerVersion, TimeSpan SenderTimeout, string ServerEncoding, bool IsStandby)
{
    private static readonly TimeSpan StatusIntervalMax = TimeSpan.FromSeconds(10);

    public static async Task<Prerequisites> ReadAsync(NpgsqlConnection catalog, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SourceSql.Prerequisites, catalog);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Prerequisites(
            reader.GetString(0), reader.GetInt32(1), reader.GetBoolean(2), reader.GetString(3), reader.GetString(4), reader.GetInt32(5),
            TimeSpan.FromMilliseconds(reader.GetInt32(6)), reader.GetString(7), reader.GetBoolean(8));
    }

    /// <summary>Three status messages fit into the server's timeout, and the slot hears from us every 10 seconds in any case.</summary>
    public TimeSpan StatusInterval =>
        SenderTimeout > TimeSpan.Zero && SenderTimeout / 3 < StatusIntervalMax ? SenderTimeout / 3 : StatusIntervalMax;

    /// <summary>Throws PH121, PH123, PH124 or PH128 for the first thing that is missing.</summary>
    public void Require(bool slotExists)
    {
        if (IsStandby && !slotExists)
        {
            throw new PhilotesException("PH128", "The source is a standby without our slot, and neither slot nor publication can be made through it. Point source.connection at the primary; source.copy.connection lets existing rows be read from a standby.");
        }

        if (WalLevel != "logical")
        {
            throw new PhilotesException("PH123", $"The source's wal_level is {WalLevel}; logical decoding needs 'alter system set wal_level = logical' and a restart of the server.");
        }

        if (!MayReplicate)
        {
            throw new PhilotesException("PH121", $"Role {Role} may not replicate. Run as an administrator: alter role {Identifier.Quote(Role)} replication;");
        }

        if (!slotExists && FreeSlots <= 0)
        {
            throw new PhilotesException("PH124", "The source has no free replication slot. Drop one that nobody reads, or raise max_replication_slots and restart the server.");
        }
    }
}
