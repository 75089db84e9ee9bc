namespace Philotes.Buffer.Operations;

internal static class OperatorSql
{
    /// <summary>Parameters: table, state, actor, reason. Returns the state before; raises PH014.</summary>
    public const string SetTableState = "select philotes.set_table_state(@table, @state, @actor, @reason)";

    /// <summary>Parameters: batch, again, actor, reason. Returns the state before; raises PH014.</summary>
    public const string RetryBatch = "select philotes.retry_batch(@batch, @again, @actor, @reason)";

    /// <summary>Parameters: batch, actor, reason. Returns who had claimed it; raises PH014.</summary>
    public const string ReleaseBatch = "select philotes.release_batch(@batch, @actor, @reason)";

    /// <summary>Parameters: gen, pin (null takes it away), actor, reason. Returns the pin before; raises PH014.</summary>
    public const string PinGeneration = "select philotes.pin_generation(@gen, @pin::text, @actor, @reason)";

    /// <summary>Parameters: table, predicate, gone (jsonb), actor, reason. Returns the state of the copy before.</summary>
    public const string ResyncRows = "select philotes.resync_rows(@table, @predicate::text, @gone::jsonb, @actor, @reason)";

    /// <summary>Parameters: table, predicate (null for all rows), actor, reason. Returns the state of the copy before.</summary>
    public const string ResyncTable = "select philotes.resync_table(@table, @predicate::text, @actor, @reason)";

    /// <summary>Parameters: table, actor, reason. Returns the state of the copy before.</summary>
    public const string CancelResync = "select philotes.cancel_resync(@table, @actor, @reason)";

    /// <summary>Parameters: source (null for all), paused, actor, reason. Returns how many sources changed.</summary>
    public const string PauseCopies = "select philotes.pause_copies(@source::text, @paused, @actor, @reason)";

    /// <summary>Parameters: source, durable (text), code, actor, reason. Returns how many tables are copied again; raises PH020.</summary>
    public const string RepairSource = "select philotes.repair_source(@source, @durable::text::pg_lsn, @code, @actor, @reason)::text";

    /// <summary>Parameters: action, detail (jsonb), actor, reason.</summary>
    public const string Note = "select philotes.note_change(@actor, @action, @reason, @detail::jsonb)::text";

    /// <summary>Newest first. Parameter: limit.</summary>
    public const string Audit = """
        select audit_id, at, actor, action, reason, detail::text
        from philotes.audit
        order by audit_id desc
        limit @limit::bigint
        """;
}
