-- What a person reads in psql: events with names and values, tables with their lag, batches, and what retention may drop.

set search_path = philotes, pg_catalog;

-- A pgoutput tuple as jsonb, by SQL alone. Values longer than 8192 characters are cut here, never in the event.
create function decode_tuple(t bytea, names text[]) returns jsonb language plpgsql immutable strict parallel safe as $$
declare n int; p int := 2; i int; k int; l int; o jsonb := '{}'; v text;
begin
  n := get_byte(t,0) * 256 + get_byte(t,1);
  for i in 1..n loop
    k := get_byte(t, p); p := p + 1;
    if k = 110 then o := o || jsonb_build_object(coalesce(names[i], '?'||i), null);            -- 'n'
    elsif k = 117 then o := o || jsonb_build_object(coalesce(names[i], '?'||i), jsonb_build_object('$unchanged_toast', true)); -- 'u'
    else                                                                                      -- 't' / 'b'
      l := (get_byte(t,p)::bigint << 24 | get_byte(t,p+1) << 16 | get_byte(t,p+2) << 8 | get_byte(t,p+3))::int; p := p + 4;
      v := case when k = 116 then convert_from(substr(t, p + 1, l), 'UTF8') else '\x' || encode(substr(t, p + 1, l), 'hex') end;
      o := o || jsonb_build_object(coalesce(names[i], '?'||i), left(v, 8192)); p := p + l;
    end if;
  end loop;
  return o;
end $$;

-- Every event, decoded, with the batch that carries it. Ask with a condition on table_name and commit_lsn or chunk: it reads events.
create view v_event as
select s.name as source, t.schema_name, t.table_name, e.commit_lsn, e.tx_seq, e.xid, e.commit_ts, e.op,
       philotes.decode_tuple(e.old_row, z.column_names) as old, philotes.decode_tuple(e.new_row, z.column_names) as new,
       case when d.table_id is not null then 'parked'
            when c.table_seq <= k.committed_seq then 'committed'
            else coalesce(b.state, 'pending') end as status,
       b.batch_id, c.table_seq, e.gen, e.chunk, e.ord
  from philotes.chunk c
  join philotes.event e on e.gen = c.gen and e.chunk = c.chunk
  join philotes.source s on s.source_id = c.source_id
  join philotes.source_table t on t.table_id = c.table_id
  join philotes.table_schema z on z.schema_id = c.schema_id
  join philotes.table_cursor k on k.table_id = c.table_id
  left join philotes.batch b on b.table_id = c.table_id and c.table_seq between b.from_seq and b.to_seq and b.state <> 'rewound'
  left join philotes.dead_letter d on d.table_id = c.table_id and d.chunk = e.chunk and d.ord = e.ord and d.resolution is null;

create view v_table as
select t.table_id, s.name as source, t.schema_name || '.' || t.table_name as table_name, k.state,
       h.rows_in - k.rows_out as rows_pending, h.head_seq - k.committed_seq as chunks_pending,
       pg_wal_lsn_diff(h.head_lsn, coalesce(k.committed_lsn,'0/0')) as bytes_behind,
       h.head_ts, k.committed_ts, clock_timestamp() - k.committed_ts as freshness, k.snapshot_id, k.state_reason
  from philotes.source_table t join philotes.source s using (source_id)
  join philotes.table_head h using (table_id) join philotes.table_cursor k using (table_id);

create view v_batch as
select b.batch_id, s.name as source, t.schema_name, t.table_name, b.state, b.from_seq, b.to_seq, b.row_count, b.byte_count, b.attempt,
       b.claimed_by, b.claimed_at, b.lease_until, b.next_try_at, b.snapshot_id, b.committed_at, b.last_lsn, b.last_ts, b.error_code, b.error_text
  from philotes.batch b join philotes.source_table t using (table_id) join philotes.source s using (source_id);

-- Which generations may go: sealed, not pinned, every chunk committed, no open dead letter. A sealed generation without a chunk may go too.
create view v_droppable as
select g.gen, g.sealed_at, coalesce(max(c.last_ts), g.sealed_at) as newest
  from philotes.generation g
  left join philotes.chunk c on c.gen = g.gen
  left join philotes.table_cursor k on k.table_id = c.table_id
 where g.sealed_at is not null and g.dropped_at is null and g.pinned_by is null
 group by g.gen, g.sealed_at
having coalesce(bool_and(c.table_seq <= k.committed_seq or k.state = 'dropped') filter (where c.chunk is not null), true)
   and not exists (select 1 from philotes.dead_letter d where d.gen = g.gen and d.resolved_at is null);

reset search_path;
