namespace Philotes.Capture.Source;

/// <summary>Questions about types to the source's catalog. Every name is qualified: the search path is empty.</summary>
internal static class TypeSql
{
    /// <summary>The given types and everything that they are made of, as the relation <c>reached</c>. Parameter: type OIDs.</summary>
    private const string Parts = """
        with recursive reached(oid) as (
            select unnest($1::oid[])
            union
            select part.oid
            from reached r
            join pg_catalog.pg_type t on t.oid = r.oid
            cross join lateral (
                select t.typbasetype as oid where t.typtype = 'd'
                union all
                select e.oid from pg_catalog.pg_type e where e.oid = t.typelem and e.typarray = t.oid
                union all
                select a.atttypid from pg_catalog.pg_attribute a
                where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
            ) as part
        )

        """;

    /// <summary>
    /// The given types and everything that they are made of. A true array is one whose element names it as its array type, which int2vector, point and name
    /// are not. Parameter: type OIDs. One row per type that exists: OID, kind (pg_type.typtype), base of a domain with modifier and dimensions,
    /// element of an array with its delimiter, the extension that owns it, its own name.
    /// </summary>
    public const string Reached = Parts + """
        select t.oid, t.typtype, t.typbasetype, t.typtypmod, t.typndims, coalesce(e.oid, 0::oid), coalesce(e.typdelim, ','), x.extname::text, t.typname::text
        from reached r
        join pg_catalog.pg_type t on t.oid = r.oid
        left join pg_catalog.pg_type e on e.oid = t.typelem and e.typarray = t.oid
        left join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_type'::regclass and d.objid = t.oid and d.objsubid = 0
                                        and d.refclassid = 'pg_catalog.pg_extension'::regclass and d.deptype = 'e'
        left join pg_catalog.pg_extension x on x.oid = d.refobjid
        """;

    /// <summary>
    /// The transaction that altered last what the given types are made of: it added, dropped or renamed a field. Parameter: type OIDs. One row; NULL when that is
    /// too long ago to be compared.
    /// </summary>
    public const string AlteredBy = Parts + """
        select (select a.xmin
                from reached r
                join pg_catalog.pg_type t on t.oid = r.oid and t.typtype = 'c'
                join pg_catalog.pg_attribute a on a.attrelid = t.typrelid and a.attnum > 0
                where pg_catalog.age(a.xmin) >= 0
                order by pg_catalog.age(a.xmin)
                limit 1)
        """;

    /// <summary>Attributes of composite types. Parameter: type OIDs. One row each, by type and number: type OID, number, name, type, modifier, dimensions.</summary>
    public const string Attributes = """
        select t.oid, a.attnum::int, a.attname::text, a.atttypid, a.atttypmod, a.attndims::int
        from pg_catalog.pg_type t
        join pg_catalog.pg_attribute a on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
        where t.oid = any($1::oid[]) and t.typtype = 'c'
        order by t.oid, a.attnum
        """;

    /// <summary>Names of types with their modifiers. Parameters: type OIDs, modifiers. One row each, in order.</summary>
    public const string Names = """
        select pg_catalog.format_type(w.type, w.modifier)
        from unnest($1::oid[], $2::int[]) with ordinality as w(type, modifier, position)
        order by w.position
        """;

    /// <summary>
    /// How many fraction digits money has under the session's lc_monetary: one unit in its binary form is a power of ten. One row: eight bytes in hexadecimal.
    /// </summary>
    public const string MoneyUnit = "select pg_catalog.encode(pg_catalog.cash_send(1::int::money), 'hex')";

    /// <summary>Declared dimensions of a relation's columns. Parameters: table OID, attribute numbers. One row per column, in order; 0 for one that is unknown.</summary>
    public const string Dimensions = """
        select coalesce(a.attndims, 0)::int
        from unnest($2::int[]) with ordinality as w(number, position)
        left join pg_catalog.pg_attribute a on a.attrelid = $1::oid and a.attnum = w.number
        order by w.position
        """;
}
