namespace Philotes.Buffer;

internal static class SourceSql
{
    /// <summary>Enters a source, or does nothing where it is. Parameters: name, slot, publication.</summary>
    public const string Enter = """
        insert into philotes.source (name, slot_name, publication_name, current_gen, capture_gen)
        select @name::text, @slot::text::name, @publication::text::name, newest.gen, newest.gen
        from (select max(gen) as gen from philotes.generation where sealed_at is null and not for_copies) as newest
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

    /// <summary>Enters a table's head and, where its rows are to be copied, its copy: from the first change on, changes wait for it. Parameters: table, held.</summary>
    public const string EnterHead = """
        with head as (
            insert into philotes.table_head (table_id, held) values (@table, @held) on conflict do nothing returning held
        )
        insert into philotes.table_copy (table_id) select @table from head where held
        on conflict do nothing
        """;

    /// <summary>Parameter: table.</summary>
    public const string EnterCursor = "insert into philotes.table_cursor (table_id) values (@table) on conflict do nothing";

    /// <summary>
    /// Notes of each table of the source whether capture still gets it. Parameters: source, oids (bigint[]) of those that it gets, note.
    /// Returns schema and name of those that were lost since the last time.
    /// </summary>
    public const string NoteCaptured = """
        with changed as (
            update philotes.source_table
            set capture_note = case when relation_oid::bigint = any(@oids::bigint[]) then null else @note::text end
            where source_id = @source and (capture_note is null) <> (relation_oid::bigint = any(@oids::bigint[]))
            returning schema_name, table_name, capture_note
        )
        select schema_name, table_name
        from changed
        where capture_note is not null
        """;

    /// <summary>The newest incarnation of a relation, as LedgerSql.Table has it. Parameters: source, oid.</summary>
    public const string TableByOid = """
        select t.table_id, t.schema_name, t.table_name, s.name, t.incarnation
        from philotes.source_table as t
        join philotes.source as s using (source_id)
        where t.source_id = @source and t.relation_oid = @oid::bigint::oid
        order by t.incarnation desc
        limit 1
        """;

    /// <summary>Parameter: source.</summary>
    public const string Names = """
        select relation_oid::bigint, schema_name, table_name
        from philotes.source_table
        where source_id = @source
        order by incarnation
        """;

    /// <summary>The version that holds at a position, if it is this one. Parameters: table, fingerprint, valid (text).</summary>
    public const string SchemaAt = """
        select v.schema_id
        from (
            select schema_id, fingerprint
            from philotes.table_schema
            where table_id = @table and valid_from <= @valid::text::pg_lsn
            order by schema_id desc
            limit 1
        ) as v
        where v.fingerprint = @fingerprint
        """;

    /// <summary>Enters a schema version and its notices. Returns its number.</summary>
    public const string EnterSchema = """
        with entered as (
            insert into philotes.table_schema (table_id, fingerprint, valid_from, relation_msg, relation_oid, schema_name, table_name,
                                               replica_identity, column_names, column_types, key_columns, column_numbers, dropped_numbers)
            values (@table, @fingerprint, @valid::text::pg_lsn, @message, @oid::bigint::oid, @schema, @name, @identity::text::"char",
                    @names, @types, @keys, @numbers, @dropped)
            returning schema_id
        ), noted as (
            insert into philotes.schema_notice (schema_id, column_name, code, text)
            select e.schema_id, n.column_name, n.code, n.text
            from entered as e
            cross join unnest(@notice_columns::text[], @notice_codes::text[], @notice_texts::text[]) as n(column_name, code, text)
        )
        select schema_id from entered
        """;

    /// <summary>Parameters: schema, notice_columns, notice_codes, notice_texts.</summary>
    public const string EnterNotices = """
        insert into philotes.schema_notice (schema_id, column_name, code, text)
        select @schema::int, n.column_name, n.code, n.text
        from unnest(@notice_columns::text[], @notice_codes::text[], @notice_texts::text[]) as n(column_name, code, text)
        on conflict do nothing
        """;

    /// <summary>The newest incarnations of relations. Parameters: source, oids (bigint[]). Returns OID, schema, name, partitions as JSON or null.</summary>
    public const string Partitioned = """
        select distinct on (relation_oid) relation_oid::bigint, schema_name, table_name, partitions::text
        from philotes.source_table
        where source_id = @source and relation_oid::bigint = any(@oids::bigint[])
        order by relation_oid, incarnation desc
        """;

    /// <summary>Enters the partitions of a table and what there is to say of them. Parameters: source, oid, partitions (JSON), notice_columns, notice_codes, notice_texts.</summary>
    public const string NotePartitions = """
        with noted as (
            insert into philotes.schema_notice (schema_id, column_name, code, text)
            select v.schema_id, n.column_name, n.code, n.text
            from (
                select s.schema_id
                from philotes.table_schema s
                join philotes.source_table t using (table_id)
                where t.source_id = @source and t.relation_oid = @oid::bigint::oid
                order by s.schema_id desc
                limit 1
            ) as v
            cross join unnest(@notice_columns::text[], @notice_codes::text[], @notice_texts::text[]) as n(column_name, code, text)
            on conflict do nothing
        )
        update philotes.source_table set partitions = @partitions::text::jsonb where source_id = @source and relation_oid = @oid::bigint::oid
        """;

    /// <summary>What <see cref="SchemaVersionRow"/> reads.</summary>
    public const string VersionColumns = """
        select v.relation_oid::bigint, v.schema_name, v.table_name, v.replica_identity::text, v.column_names, v.column_types, v.key_columns,
               v.column_numbers, v.dropped_numbers, v.schema_id, v.valid_from::text, v.relation_msg,
               array(select n.column_name from philotes.schema_notice n where n.schema_id = v.schema_id order by n.column_name, n.code),
               array(select n.code from philotes.schema_notice n where n.schema_id = v.schema_id order by n.column_name, n.code),
               array(select n.text from philotes.schema_notice n where n.schema_id = v.schema_id order by n.column_name, n.code),
               t.incarnation
        from philotes.table_schema as v
        join philotes.source_table as t using (table_id)
        """;

    /// <summary>Parameters: table, valid (text). Returns zero or one row.</summary>
    public const string VersionAt = VersionColumns + """

        where v.table_id = @table and v.valid_from <= @valid::text::pg_lsn
        order by v.schema_id desc
        limit 1
        """;

    /// <summary>Parameter: table. Returns a row per version, oldest first.</summary>
    public const string History = VersionColumns + """

        where v.table_id = @table
        order by v.schema_id
        """;

    /// <summary>Parameter: schema. Returns zero or one row.</summary>
    public const string LoadSchema = VersionColumns + """

        where v.schema_id = @schema
        """;
}
