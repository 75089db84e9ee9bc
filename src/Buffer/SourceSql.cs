namespace Philotes.Buffer;

internal static class SourceSql
{
    /// <summary>Enters a source, or does nothing where it is. Parameters: name, slot, publication.</summary>
    public const string Enter = """
        insert into philotes.source (name, slot_name, publication_name, current_gen, capture_gen)
        select @name::text, @slot::text::name, @publication::text::name, newest.gen, newest.gen
        from (select max(gen) as gen from philotes.generation where sealed_at is null) as newest
        on conflict (name) do nothing
        """;

    /// <summary>Parameter: name. Returns one row.</summary>
    public const string ByName = """
        select source_id, name, system_identifier, timeline, slot_name::text, publication_name::text, durable_lsn::text, durable_at,
               capture_epoch, capture_owner, state, state_reason
        from philotes.source
        where name = @name
        """;

    /// <summary>Parameters: source, system (text), timeline (int).</summary>
    public const string RecordIdentity = """
        update philotes.source
        set system_identifier = @system::text, timeline = @timeline::int
        where source_id = @source
        """;

    /// <summary>Parameters: source, slot, publication. For a source whose slot or publication was named anew in the configuration.</summary>
    public const string RecordSlot = """
        update philotes.source
        set slot_name = @slot::text::name, publication_name = @publication::text::name
        where source_id = @source and (slot_name, publication_name) is distinct from (@slot::text::name, @publication::text::name)
        """;

    /// <summary>Parameters: source, state, reason (text or null).</summary>
    public const string SetState = """
        update philotes.source
        set state = @state::text, state_reason = @reason::text
        where source_id = @source and (state, state_reason) is distinct from (@state::text, @reason::text)
        """;

    /// <summary>The newest incarnation of a relation. Parameters: source, oid.</summary>
    public const string Table = """
        select table_id
        from philotes.source_table
        where source_id = @source and relation_oid = @oid::bigint::oid
        order by incarnation desc
        limit 1
        """;

    /// <summary>Enters a table; its incarnation counts the tables of that name before it. Parameters: source, oid, schema, name.</summary>
    public const string EnterTable = """
        insert into philotes.source_table (source_id, relation_oid, schema_name, table_name, incarnation)
        select @source::int, @oid::bigint::oid, @schema::text, @name::text,
               1 + count(*)
        from philotes.source_table
        where source_id = @source and schema_name = @schema::text and table_name = @name::text
        on conflict do nothing
        """;

    /// <summary>Parameter: table.</summary>
    public const string EnterHead = "insert into philotes.table_head (table_id) values (@table) on conflict do nothing";

    /// <summary>Parameter: table.</summary>
    public const string EnterCursor = "insert into philotes.table_cursor (table_id) values (@table) on conflict do nothing";

    /// <summary>Parameters: table, fingerprint.</summary>
    public const string Schema = """
        select schema_id
        from philotes.table_schema
        where table_id = @table and fingerprint = @fingerprint
        """;

    /// <summary>Enters a schema version, or does nothing where it is.</summary>
    public const string EnterSchema = """
        insert into philotes.table_schema (table_id, fingerprint, valid_from, relation_msg, relation_oid, schema_name, table_name,
                                           replica_identity, column_names, column_types, key_columns)
        values (@table, @fingerprint, @valid::text::pg_lsn, @message, @oid::bigint::oid, @schema, @name, @identity::text::"char",
                @names, @types, @keys)
        on conflict (table_id, fingerprint) do nothing
        """;

    /// <summary>Parameter: schema.</summary>
    public const string LoadSchema = """
        select relation_oid::bigint, schema_name, table_name, replica_identity::text, column_names, column_types, key_columns
        from philotes.table_schema
        where schema_id = @schema
        """;
}
