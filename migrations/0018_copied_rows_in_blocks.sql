-- Copied rows lie in blocks: one row of philotes.event of kind 'b' holds many of them, because they share everything but their images. A block's ord and tx_seq are
-- those of its first row, its new_row is, row after row, the length of the image (int4, big-endian) and the image. Whoever looks at events reads them through
-- events_of or event_at, which show each row of a block as the event of kind 'r' that it is.
set search_path = philotes, pg_catalog;

create function block_rows(p_block bytea) returns table (n int, tuple bytea) language plpgsql immutable strict as $$
declare v_at int := 0; v_length int;
begin
  n := 0;
  while v_at < length(p_block) loop
    v_length := get_byte(p_block, v_at) << 24 | get_byte(p_block, v_at + 1) << 16 | get_byte(p_block, v_at + 2) << 8 | get_byte(p_block, v_at + 3);
    tuple := substring(p_block from v_at + 5 for v_length);
    return next;
    v_at := v_at + 4 + v_length;
    n := n + 1;
  end loop;
end $$;

-- The events of a chunk.
create function events_of(p_gen int, p_chunk bigint)
returns table (gen int, chunk bigint, ord int, op "char", commit_lsn pg_lsn, tx_seq bigint, xid bigint, commit_ts timestamptz, old_row bytea, new_row bytea)
language sql stable as $$
  select e.gen, e.chunk, e.ord + x.n, x.op, e.commit_lsn, e.tx_seq + x.n, e.xid, e.commit_ts, e.old_row, x.new_row
    from philotes.event e
   cross join lateral (select 0 as n, e.op, e.new_row where e.op <> 'b'
                       union all
                       select b.n, 'r'::"char", b.tuple from philotes.block_rows(e.new_row) b where e.op = 'b') x
   where e.gen = p_gen and e.chunk = p_chunk
$$;

-- One event of a chunk.
create function event_at(p_gen int, p_chunk bigint, p_ord int)
returns table (gen int, chunk bigint, ord int, op "char", commit_lsn pg_lsn, tx_seq bigint, xid bigint, commit_ts timestamptz, old_row bytea, new_row bytea)
language sql stable as $$
  select e.gen, e.chunk, p_ord, x.op, e.commit_lsn, e.tx_seq + p_ord - e.ord, e.xid, e.commit_ts, e.old_row, x.new_row
    from (select * from philotes.event e where e.gen = p_gen and e.chunk = p_chunk and e.ord <= p_ord order by e.ord desc limit 1) e
   cross join lateral (select 0 as n, e.op, e.new_row where e.op <> 'b'
                       union all
                       select b.n, 'r'::"char", b.tuple from philotes.block_rows(e.new_row) b where e.op = 'b') x
   where e.ord + x.n = p_ord
$$;

-- As before, through events_of.
create or replace view v_event as
select s.name as source, t.schema_name, t.table_name, e.commit_lsn, e.tx_seq, e.xid, e.commit_ts, e.op,
       philotes.decode_tuple(e.old_row, z.column_names) as old, philotes.decode_tuple(e.new_row, z.column_names) as new,
       case when d.table_id is not null then 'parked'
            when c.table_seq is null then 'held'
            when c.table_seq <= k.committed_seq then 'committed'
            else coalesce(b.state, 'pending') end as status,
       b.batch_id, c.table_seq, e.gen, e.chunk, e.ord
  from (select gen, source_id, chunk, table_id, table_seq, schema_id from philotes.chunk
        union all
        select gen, source_id, chunk, table_id, null, schema_id from philotes.held_chunk) c
 cross join lateral philotes.events_of(c.gen, c.chunk) e
  join philotes.source s on s.source_id = c.source_id
  join philotes.source_table t on t.table_id = c.table_id
  join philotes.table_schema z on z.schema_id = c.schema_id
  join philotes.table_cursor k on k.table_id = c.table_id
  left join philotes.batch b on b.table_id = c.table_id and c.table_seq between b.from_seq and b.to_seq and b.state <> 'rewound'
  left join philotes.dead_letter d on d.table_id = c.table_id and d.chunk = e.chunk and d.ord = e.ord and d.resolution is null;

-- As before, and: a block fills a page and is neither compressed nor moved out of line.
create or replace function copy_chunk_begin(p_max_bytes bigint) returns table (chunk bigint, gen int) language plpgsql as $$
declare v_gen int;
begin
  select g.gen into v_gen from philotes.generation g where g.for_copies and g.sealed_at is null order by g.gen desc limit 1;
  if v_gen is null or pg_relation_size(format('philotes.event_g%s', v_gen)::regclass) > p_max_bytes then
    perform pg_advisory_xact_lock(x'50484c32'::bigint);
    select g.gen into v_gen from philotes.generation g where g.for_copies and g.sealed_at is null order by g.gen desc limit 1;
    if v_gen is null or pg_relation_size(format('philotes.event_g%s', v_gen)::regclass) > p_max_bytes then
      select max(g.gen) + 1 into v_gen from philotes.generation g;
      call philotes.add_generation(v_gen);
      execute format('alter table philotes.event_g%s set (toast_tuple_target = 8160)', v_gen);
      update philotes.generation g set for_copies = true where g.gen = v_gen;
    end if;
  end if;
  -- the session's until it publishes: retention seals no generation that somebody still writes into
  perform pg_advisory_lock_shared(x'50484c33'::int, v_gen);
  return query select nextval('philotes.copy_chunk_seq'), v_gen;
end $$;

comment on column event.op is 'r i u d t m; b: a block of r';

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_blocks() returns void language plpgsql as $$
declare r text;
begin
  for r in select rolname from pg_catalog.pg_roles where rolname in ('philotes_reader', 'philotes_operator', 'philotes_writer', 'philotes_capture') loop
    execute format('grant execute on function philotes.block_rows(bytea), philotes.events_of(int, bigint), philotes.event_at(int, bigint, int) to %I', r);
  end loop;
  revoke all on function philotes.block_rows(bytea), philotes.events_of(int, bigint), philotes.event_at(int, bigint, int), philotes.grant_blocks() from public;
end $$;

select grant_blocks();

-- What was replaced above lost what these had given it.
select grant_all();

reset search_path;
