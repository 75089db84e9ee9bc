namespace Philotes.Buffer;

internal static class SchemaSql
{
    /// <summary>One migrator at a time per database. Held by the session.</summary>
    public const string Lock = "select pg_advisory_lock(x'50484c30'::bigint)";

    public const string Unlock = "select pg_advisory_unlock(x'50484c30'::bigint)";

    /// <summary>
    /// Makes the journal: <c>schemaversions</c> as DbUp's PostgreSQL journal lays it out, in the schema philotes, and beside it the hash of
    /// what ran. A no-op where both exist.
    /// </summary>
    public const string CreateJournal = """
        create schema if not exists philotes;
        create table if not exists philotes.schemaversions (
            schemaversionsid serial primary key,
            scriptname varchar(255) not null,
            applied timestamp not null
        );
        create table if not exists philotes.schemaversions_hash (
            scriptname varchar(255) primary key,
            sha256 bytea not null
        )
        """;

    /// <summary>Returns whether the journal exists.</summary>
    public const string JournalExists = "select to_regclass('philotes.schemaversions') is not null and to_regclass('philotes.schemaversions_hash') is not null";

    /// <summary>Returns name and hash (null if DbUp ran it) of every script that ran, in order.</summary>
    public const string Journal = """
        select v.scriptname, h.sha256
        from philotes.schemaversions as v
        left join philotes.schemaversions_hash as h using (scriptname)
        order by v.schemaversionsid
        """;

    /// <summary>Returns whether the audit takes notes already.</summary>
    public const string AuditExists = "select to_regprocedure('philotes.write_audit(text, text, text, jsonb)') is not null";

    /// <summary>Parameters: actor, action, reason, detail (jsonb).</summary>
    public const string Note = "select philotes.write_audit(@actor, @action, @reason, @detail::jsonb)";

    /// <summary>Enters a script that ran. Parameters: name, hash.</summary>
    public const string Enter = """
        with entered as (
            insert into philotes.schemaversions (scriptname, applied)
            values (@name, timezone('utc', now()))
        )
        insert into philotes.schemaversions_hash (scriptname, sha256)
        values (@name, @hash)
        """;
}
