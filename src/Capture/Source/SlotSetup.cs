using Npgsql;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>Creates the slot. Only after the publication: a slot decodes with the catalog of the past, where a later publication does not exist.</summary>
internal static class SlotSetup
{
    private const int FirstVersionWithFailoverSlots = 170_000;

    /// <summary>Makes the slot if it is missing. A crash afterwards leaves a slot at which the next start begins.</summary>
    public static async Task<SlotOutcome> EnsureAsync(
        NpgsqlConnection catalog, string slotName, int serverVersion, CancellationToken cancellationToken)
    {
        var sql = serverVersion >= FirstVersionWithFailoverSlots ? SourceSql.CreateFailoverSlot : SourceSql.CreateSlot;
        await using var command = new NpgsqlCommand(sql, catalog) { Parameters = { new() { Value = slotName } }, CommandTimeout = 0 };
        try
        {
            return new SlotOutcome.Created(Lsn.Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!));
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateObject)
        {
            return new SlotOutcome.Existed();
        }
    }
}
