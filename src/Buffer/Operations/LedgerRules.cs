using Npgsql;

namespace Philotes.Buffer.Operations;

/// <summary>
/// What must hold in a buffer at every moment, as plain SQL; each query returns the places where it does not. All of them see one snapshot, so they
/// may be asked while capture and writers run. They read the whole directory, and count every event.
/// </summary>
public static class LedgerRules
{
    private static readonly (string Name, string Violations)[] Rules =
    [
        ("I1 a table's chunks are dense", """
            select table_id::text from philotes.chunk group by table_id having count(*) <> max(table_seq) - min(table_seq) + 1
            """),
        ("I2 a chunk holds the rows that its entry promises", """
            select c.chunk::text from philotes.chunk as c
            where row_count <> (select count(*) from philotes.events_of(c.gen, c.chunk))
            """),
        ("I3 the head is the newest chunk", """
            select table_id::text from philotes.table_head as h
            where head_seq <> (select coalesce(max(table_seq), 0) from philotes.chunk as c where c.table_id = h.table_id)
              and exists (select 1 from philotes.chunk as c where c.table_id = h.table_id)
            """),
        ("I4 batches do not overlap", """
            select a.batch_id::text from philotes.batch as a
            join philotes.batch as b on a.table_id = b.table_id and a.batch_id < b.batch_id and a.from_seq <= b.to_seq and b.from_seq <= a.to_seq
            where a.state <> 'rewound' and b.state <> 'rewound'
            """),
        ("I5 batches are contiguous", """
            select batch_id::text
            from (select batch_id, from_seq, lag(to_seq) over (partition by table_id order by from_seq) as before
                  from philotes.batch where state <> 'rewound') as q
            where before is not null and from_seq <> before + 1
            """),
        ("I6 the cursor is the ledger", """
            select table_id::text from philotes.table_cursor as k
            where committed_seq <> (select coalesce(max(to_seq), 0) from philotes.batch as b where b.table_id = k.table_id and state = 'committed')
            """),
        ("I8 no batch ends inside of a source transaction", """
            select b.batch_id::text from philotes.batch as b
            join philotes.chunk as c on c.table_id = b.table_id and c.table_seq = b.to_seq
            where c.tx_open and b.state <> 'rewound'
            """),
        ("I10 nothing is dropped before it is committed", """
            select c.chunk::text from philotes.chunk as c
            join philotes.generation as g using (gen)
            join philotes.table_cursor as k using (table_id)
            where g.dropped_at is not null and c.table_seq > k.committed_seq and k.state <> 'dropped'
            """),
        ("a batch is of one schema", """
            select b.batch_id::text from philotes.batch as b
            join philotes.chunk as c on c.table_id = b.table_id and c.table_seq between b.from_seq and b.to_seq
            where c.schema_id <> b.schema_id and b.state <> 'rewound'
            """),
        ("a table's events are in the source's order", """
            select chunk::text
            from (select c.chunk, c.first_lsn, lag(c.last_lsn) over (partition by c.table_id order by c.table_seq) as before from philotes.chunk as c) as q
            where before is not null and first_lsn < before
            """),
    ];

    /// <summary>How many rules there are.</summary>
    public static int Count => Rules.Length;

    /// <summary>Each rule that does not hold, with the first places where it does not; empty when all do.</summary>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(NpgsqlDataSource buffer, CancellationToken cancellationToken)
    {
        await using var connection = await buffer.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var violations = new List<string>();
        foreach (var (name, sql) in Rules)
        {
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandTimeout = 0;
            command.CommandText = FirstPlaces(sql);
            if (await command.ExecuteScalarAsync(cancellationToken) is string places)
            {
                violations.Add($"{name}: {places}");
            }
        }

        return violations;
    }

    private static string FirstPlaces(string sql) => $"select string_agg(q.place, ', ') from ({sql} limit 10) as q (place)";
}
