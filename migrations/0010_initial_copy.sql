-- The initial copy: rows that existed before the stream, as events of kind r in the same directory, before the table's changes.
--
-- While a table is copied its changes are held: capture's flush enters them into held_chunk instead of chunk. The copy publishes its own
-- chunks into the directory meanwhile. When the last range is in, the held changes follow in their order, in one transaction. So a table's
-- directory is always in the source's order: rows of the snapshot at its point, then what was committed after it.
--
--   point   the consistent point of the snapshot that is copied: a transaction is in it exactly if its commit record lies before the point.
--           Held changes before it are in the copied rows and are left out; at the first copy of a table nothing else can be there.
--   again   a copy that replaces what is there (the snapshot was lost, the table was rewritten, an operator asked): held changes before
--           the new point are published first, then a truncate, then the rows. Whoever folds the changelog arrives at the source's state.
set search_path = philotes, pg_catalog;

alter table chunk add column copied boolean not null default false;        -- rows of a copy, op r
alter table generation add column for_copies boolean not null default false;
alter table table_head add column held boolean not null default false;     -- changes wait for the table's copy
alter table source add column copy_paused boolean not null default false;

-- Numbers of copied chunks: below the range of the first epoch, so that they meet no number of a capture. Never reused.
create sequence copy_chunk_seq maxvalue 4294967295;

create table copy_snapshot (
  snapshot_id   int generated always as identity primary key,
  source_id     int not null references source,
  name          text not null,                 -- what SET TRANSACTION SNAPSHOT takes
  identity      text not null,                 -- server start and visible transactions: a name alone could be used again after a restart
  point         pg_lsn not null,
  taken_at      timestamptz not null,
  keeper_pid    int not null,
  keeper_start  timestamptz not null
);
create table table_copy (                      -- the copy of each table that ever had one; the newest attempt
  table_id      int primary key references source_table,
  attempt       int not null default 1,
  state         text not null default 'waiting' check (state in ('waiting', 'copying', 'active', 'dropped')),
  again         boolean not null default false, -- replaces what is in the lake: a truncate comes first
  predicate     text,                          -- copies only these rows, in addition to what is there
  snapshot_id   int references copy_snapshot,
  point         pg_lsn,
  schema_id     int,
  claim_bytes   bigint not null default 0,     -- a batch is worth claiming while the copy runs
  rows_expected bigint,
  bytes_expected bigint,
  asked_at      timestamptz not null default clock_timestamp(),
  started_at    timestamptz,
  finished_at   timestamptz,
  finished_seq  bigint,                        -- end of what was published when the copy finished: beyond it the table is caught up
  error_code    text,
  error_text    text,
  next_try_at   timestamptz
);
create table copy_range (                      -- what is copied in one piece: blocks of one relation
  table_id      int not null references table_copy,
  attempt       int not null,
  ordinal       int not null,                  -- 0 is the truncate of a copy that replaces
  relation_oid  oid,
  first_block   bigint not null default 0,
  end_block     bigint,                        -- null: to the end
  bytes         bigint not null default 0,     -- expected
  row_count     bigint,
  done_at       timestamptz,
  primary key (table_id, attempt, ordinal)
);
create table held_chunk (                      -- chunks of the stream that wait for their table's copy
  held_no       bigint generated always as identity primary key,
  gen           int not null,
  source_id     int not null,
  chunk         bigint not null,
  table_id      int not null,
  schema_id     int not null,
  first_lsn     pg_lsn not null,
  last_lsn      pg_lsn not null,
  last_ts       timestamptz not null,
  row_count     int not null,
  byte_count    bigint not null,
  tx_open       boolean not null,
  crc32c        bigint
);
create index held_chunk_table on held_chunk (table_id, held_no);

-- As before, and: chunks of a table whose changes are held go into held_chunk.
create or replace function capture_flush(p_source int, p_epoch bigint, p_prev pg_lsn, p_new pg_lsn, p_chunks jsonb, p_low_gen int)
returns table (last_chunk bigint, current_gen int) language plpgsql as $$
declare n int; v_last bigint; v_gen int;
begin
  update philotes.source s
     set durable_lsn = p_new, durable_at = clock_timestamp(),
         capture_gen = greatest(s.capture_gen, least(p_low_gen, s.current_gen)),
         last_chunk = greatest(s.last_chunk, (select max((x->>'chunk')::bigint) from jsonb_array_elements(p_chunks) x))
   where s.source_id = p_source and s.capture_epoch = p_epoch and s.durable_lsn = p_prev and p_new >= p_prev
  returning s.last_chunk, s.current_gen into v_last, v_gen;
  if not found then
    raise exception 'fenced: another capture owns source % or the watermark moved', p_source using errcode = 'PH001';
  end if;
  if exists (select 1 from jsonb_array_elements(p_chunks) x where (x->>'chunk')::bigint >> 32 <> p_epoch) then
    raise exception 'a chunk number lies outside of epoch %', p_epoch using errcode = 'PH005';
  end if;
  perform philotes.require_open_generations(p_chunks);
  with c as (
    select * from jsonb_to_recordset(p_chunks) as x(gen int, chunk bigint, table_id int, schema_id int, first_lsn pg_lsn,
             last_lsn pg_lsn, last_ts timestamptz, row_count int, byte_count bigint, tx_open boolean, crc32c bigint)
  ), h as (
    update philotes.table_head t set head_seq = t.head_seq + case when t.held then 0 else s.n end,
           head_lsn = s.last_lsn, head_ts = s.last_ts, rows_in = t.rows_in + s.rows, bytes_in = t.bytes_in + s.bytes
      from (select table_id, count(*) n, max(last_lsn) last_lsn, max(last_ts) last_ts,
                   sum(row_count) rows, sum(byte_count) bytes from c group by table_id) s
     where t.table_id = s.table_id returning t.table_id, t.held, t.head_seq - case when t.held then 0 else s.n end as base
  ), waiting as (
    insert into philotes.held_chunk (gen, source_id, chunk, table_id, schema_id, first_lsn, last_lsn, last_ts, row_count, byte_count, tx_open, crc32c)
    select c.gen, p_source, c.chunk, c.table_id, c.schema_id, c.first_lsn, c.last_lsn, c.last_ts, c.row_count, c.byte_count,
           coalesce(c.tx_open, false), c.crc32c
      from c join h using (table_id) where h.held order by c.chunk returning 1
  ), entered as (
    insert into philotes.chunk (gen, source_id, chunk, table_id, table_seq, schema_id, first_lsn, last_lsn, last_ts,
                                row_count, byte_count, tx_open, crc32c)
    select c.gen, p_source, c.chunk, c.table_id,
           h.base + row_number() over (partition by c.table_id order by c.chunk),
           c.schema_id, c.first_lsn, c.last_lsn, c.last_ts, c.row_count, c.byte_count, coalesce(c.tx_open, false), c.crc32c
      from c join h using (table_id) where not h.held returning 1
  )
  select (select count(*) from waiting) + (select count(*) from entered) into n;
  if n <> jsonb_array_length(p_chunks) then
    raise exception 'unknown table in flush' using errcode = 'PH002';
  end if;
  return query select v_last, v_gen;
end $$;

-- The lock keeps the seal out until the caller commits; a sealed generation may be gone by then, so nothing is published into it.
create function require_open_generations(p_chunks jsonb) returns void language plpgsql as $$
begin
  if exists (select 1 from jsonb_array_elements(p_chunks) x
              where not exists (select 1 from philotes.generation g where g.gen = (x->>'gen')::int)) then
    raise exception 'unknown generation in flush' using errcode = 'PH004';
  end if;
  perform 1 from philotes.generation g where g.gen in (select (x->>'gen')::int from jsonb_array_elements(p_chunks) x) for share;
  if exists (select 1 from philotes.generation g
              where g.sealed_at is not null and g.gen in (select (x->>'gen')::int from jsonb_array_elements(p_chunks) x)) then
    raise exception 'a chunk was written into a sealed generation: capture it again' using errcode = 'PH004';
  end if;
end $$;

-- Where the next copied chunk goes: a number that was never used, and the open generation of copies, made when there is none or it has
-- p_max_bytes. Copies have generations of their own, so that theirs can go as soon as the lake has the rows.
create function copy_chunk_begin(p_max_bytes bigint) returns table (chunk bigint, gen int) language plpgsql as $$
declare v_gen int;
begin
  select g.gen into v_gen from philotes.generation g where g.for_copies and g.sealed_at is null order by g.gen desc limit 1;
  if v_gen is null or pg_relation_size(format('philotes.event_g%s', v_gen)::regclass) > p_max_bytes then
    perform pg_advisory_xact_lock(x'50484c32'::bigint);
    select g.gen into v_gen from philotes.generation g where g.for_copies and g.sealed_at is null order by g.gen desc limit 1;
    if v_gen is null or pg_relation_size(format('philotes.event_g%s', v_gen)::regclass) > p_max_bytes then
      select max(g.gen) + 1 into v_gen from philotes.generation g;
      call philotes.add_generation(v_gen);
      update philotes.generation g set for_copies = true where g.gen = v_gen;
    end if;
  end if;
  -- the session's until it publishes: retention seals no generation that somebody still writes into
  perform pg_advisory_lock_shared(x'50484c33'::int, v_gen);
  return query select nextval('philotes.copy_chunk_seq'), v_gen;
end $$;

-- A table is to be copied (again). Its changes are held from here on; the point will lie behind all that was published before.
create function copy_ask(p_table int, p_predicate text) returns void language plpgsql as $$
begin
  update philotes.table_head set held = true where table_id = p_table;
  insert into philotes.table_copy as t (table_id, again, predicate)
  select p_table, k.committed_seq > 0 or h.head_seq > 0, p_predicate
    from philotes.table_head h join philotes.table_cursor k using (table_id) where h.table_id = p_table
  on conflict (table_id) do update
    set attempt = t.attempt + 1, state = 'waiting', again = t.again or excluded.again, predicate = excluded.predicate, snapshot_id = null, point = null,
        asked_at = clock_timestamp(), started_at = null, finished_at = null, finished_seq = null, error_code = null, error_text = null, next_try_at = null;
end $$;

-- The copy of a table starts: its snapshot and its ranges. False: not yet, the stream must first be durable up to the point (only where
-- changes before the point are kept), or the attempt is no longer the newest.
create function copy_start(p_table int, p_attempt int, p_snapshot int, p_schema int, p_claim_bytes bigint, p_rows bigint, p_ranges jsonb)
returns boolean language plpgsql as $$
declare t philotes.table_copy; v_point pg_lsn;
begin
  select point into v_point from philotes.copy_snapshot where snapshot_id = p_snapshot;
  select * into t from philotes.table_copy where table_id = p_table for update;
  if v_point is null or t.attempt <> p_attempt or t.state <> 'waiting' then return false; end if;
  if t.again then
    if (select s.durable_lsn < v_point from philotes.source s join philotes.source_table x using (source_id) where x.table_id = p_table) then
      return false;
    end if;
    perform philotes.copy_pass_held(p_table, v_point, true);
  end if;
  update philotes.table_copy set state = 'copying', snapshot_id = p_snapshot, point = v_point, schema_id = p_schema, claim_bytes = p_claim_bytes,
         rows_expected = p_rows, bytes_expected = (select sum((x->>'bytes')::bigint) from jsonb_array_elements(p_ranges) x),
         started_at = clock_timestamp(), error_code = null, error_text = null, next_try_at = null
   where table_id = p_table;
  delete from philotes.copy_range where table_id = p_table;
  if t.again and t.predicate is null then
    insert into philotes.copy_range (table_id, attempt, ordinal) values (p_table, p_attempt, 0);
  end if;
  insert into philotes.copy_range (table_id, attempt, ordinal, relation_oid, first_block, end_block, bytes)
  select p_table, p_attempt, n, (x->>'relation')::oid, (x->>'first')::bigint, (x->>'end')::bigint, (x->>'bytes')::bigint
    from jsonb_array_elements(p_ranges) with ordinality as r(x, n);
  return true;
end $$;

-- A range is copied: its chunks become reachable, all or none, once. False: somebody else did it, or the attempt is no longer the newest.
create function copy_publish(p_table int, p_attempt int, p_ordinal int, p_rows bigint, p_chunks jsonb) returns boolean language plpgsql as $$
declare v_base bigint;
begin
  perform set_config('synchronous_commit', 'on', true);
  perform 1 from philotes.table_copy where table_id = p_table and attempt = p_attempt and state = 'copying' for share;
  if not found then return false; end if;
  update philotes.copy_range set done_at = clock_timestamp(), row_count = p_rows
   where table_id = p_table and attempt = p_attempt and ordinal = p_ordinal and done_at is null;
  if not found then return false; end if;
  perform philotes.require_open_generations(p_chunks);
  update philotes.table_head h
     set head_seq = h.head_seq + s.n, rows_in = h.rows_in + s.rows, bytes_in = h.bytes_in + s.bytes,
         head_lsn = greatest(h.head_lsn, s.last_lsn), head_ts = greatest(h.head_ts, s.last_ts)
    from (select count(*) n, coalesce(sum((x->>'row_count')::bigint), 0) rows, coalesce(sum((x->>'byte_count')::bigint), 0) bytes,
                 max((x->>'last_lsn')::pg_lsn) last_lsn, max((x->>'last_ts')::timestamptz) last_ts from jsonb_array_elements(p_chunks) x) s
   where h.table_id = p_table returning h.head_seq - s.n into v_base;
  insert into philotes.chunk (gen, source_id, chunk, table_id, table_seq, schema_id, first_lsn, last_lsn, last_ts, row_count, byte_count, tx_open, crc32c, copied)
  select c.gen, t.source_id, c.chunk, p_table, v_base + row_number() over (order by c.chunk), c.schema_id, c.first_lsn, c.last_lsn, c.last_ts,
         c.row_count, c.byte_count, false, c.crc32c, true
    from jsonb_to_recordset(p_chunks) as c(gen int, chunk bigint, schema_id int, first_lsn pg_lsn, last_lsn pg_lsn, last_ts timestamptz,
             row_count int, byte_count bigint, crc32c bigint)
    join philotes.source_table t on t.table_id = p_table;
  return true;
end $$;

-- Held changes that end before p_point are published (p_keep) or left out; a chunk that lies on both sides is taken apart. p_point null: all
-- of them are published.
create function copy_pass_held(p_table int, p_point pg_lsn, p_keep boolean) returns void language plpgsql as $$
declare h philotes.held_chunk; v_seq bigint; v_chunk bigint;
begin
  for h in select * from philotes.held_chunk where table_id = p_table and first_lsn < p_point and last_lsn >= p_point loop
    -- the part before the point keeps its place, the part behind it follows at once: no other held chunk lies between
    v_chunk := philotes.copy_cut(h, '0/0', p_point);
    insert into philotes.held_chunk (gen, source_id, chunk, table_id, schema_id, first_lsn, last_lsn, last_ts, row_count, byte_count, tx_open)
    select h.gen, h.source_id, v_chunk, h.table_id, h.schema_id, min(e.commit_lsn), max(e.commit_lsn), max(e.commit_ts), count(*), 0, false
      from philotes.event e where e.gen = h.gen and e.chunk = v_chunk having count(*) > 0;
    v_chunk := philotes.copy_cut(h, p_point, 'FFFFFFFF/FFFFFFFF');
    update philotes.held_chunk k set chunk = v_chunk, crc32c = null, first_lsn = e.first_lsn, row_count = e.n
      from (select min(commit_lsn) first_lsn, count(*) n from philotes.event where gen = h.gen and chunk = v_chunk) e
     where k.held_no = h.held_no;
  end loop;
  if not p_keep then
    update philotes.table_head t set rows_in = t.rows_in - d.rows, bytes_in = t.bytes_in - d.bytes
      from (select coalesce(sum(row_count), 0) rows, coalesce(sum(byte_count), 0) bytes from philotes.held_chunk where table_id = p_table and last_lsn < p_point) d
     where t.table_id = p_table;
    delete from philotes.held_chunk where table_id = p_table and last_lsn < p_point;
    return;
  end if;
  select head_seq into v_seq from philotes.table_head where table_id = p_table for update;
  with gone as (
    delete from philotes.held_chunk where table_id = p_table and (p_point is null or last_lsn < p_point) returning *
  ), entered as (
    insert into philotes.chunk (gen, source_id, chunk, table_id, table_seq, schema_id, first_lsn, last_lsn, last_ts, row_count, byte_count, tx_open, crc32c)
    select gen, source_id, chunk, table_id, v_seq + row_number() over (order by first_lsn, held_no), schema_id, first_lsn, last_lsn, last_ts,
           row_count, byte_count, tx_open, crc32c
      from gone returning table_seq
  )
  update philotes.table_head t set head_seq = m.last from (select max(table_seq) last from entered having count(*) > 0) m where t.table_id = p_table;
end $$;

-- A part of a chunk's events as a chunk of its own: those whose commit lies in [p_from, p_until). Returns its number.
create function copy_cut(h philotes.held_chunk, p_from pg_lsn, p_until pg_lsn) returns bigint language plpgsql as $$
declare v_chunk bigint := nextval('philotes.copy_chunk_seq');
begin
  insert into philotes.event (gen, chunk, ord, op, commit_lsn, tx_seq, xid, commit_ts, old_row, new_row)
  select e.gen, v_chunk, (row_number() over (order by e.ord) - 1)::int, e.op, e.commit_lsn, e.tx_seq, e.xid, e.commit_ts, e.old_row, e.new_row
    from philotes.event e where e.gen = h.gen and e.chunk = h.chunk and e.commit_lsn >= p_from and e.commit_lsn < p_until;
  return v_chunk;
end $$;

-- Every range is done: the held changes behind the point follow, and from now on the table's changes are entered at once. False: not yet.
-- The stream must be durable up to the point: a change before it that came later would be taken for one behind it.
create function copy_finish(p_table int, p_attempt int) returns boolean language plpgsql as $$
declare t philotes.table_copy;
begin
  select * into t from philotes.table_copy where table_id = p_table for update;
  if t.attempt <> p_attempt or t.state <> 'copying' then return false; end if;
  if exists (select 1 from philotes.copy_range where table_id = p_table and attempt = p_attempt and done_at is null) then return false; end if;
  if (select s.durable_lsn < t.point from philotes.source s join philotes.source_table x using (source_id) where x.table_id = p_table) then
    return false;
  end if;
  perform 1 from philotes.table_head where table_id = p_table for update;
  perform philotes.copy_pass_held(p_table, t.point, false);
  perform philotes.copy_pass_held(p_table, null, true);
  update philotes.table_head set held = false where table_id = p_table;
  update philotes.table_copy set state = 'active', finished_at = clock_timestamp(), error_code = null, error_text = null, again = false,
         finished_seq = (select head_seq from philotes.table_head where table_id = p_table)
   where table_id = p_table;
  return true;
end $$;

-- The snapshot is lost, or the relation is no longer what it was: the copy begins again. What was published stays, and is replaced by the
-- truncate that the next attempt begins with.
create function copy_restart(p_table int, p_attempt int, p_code text, p_text text) returns void language sql as $$
  update philotes.table_copy t
     set attempt = attempt + 1, state = 'waiting', snapshot_id = null, point = null, started_at = null, error_code = p_code, error_text = p_text, next_try_at = null,
         again = t.again or exists (select 1 from philotes.copy_range r where r.table_id = p_table and r.attempt = p_attempt and r.row_count > 0)
   where table_id = p_table and attempt = p_attempt and state = 'copying';
$$;

-- The table is gone, or is no longer to be copied: what came through the stream is published.
create function copy_give_up(p_table int, p_state text, p_code text, p_text text) returns void language plpgsql as $$
begin
  perform 1 from philotes.table_head where table_id = p_table for update;
  perform philotes.copy_pass_held(p_table, null, true);
  update philotes.table_head set held = false where table_id = p_table;
  update philotes.table_copy set state = p_state, error_code = p_code, error_text = p_text, finished_at = clock_timestamp(),
         finished_seq = (select head_seq from philotes.table_head where table_id = p_table)
   where table_id = p_table;
end $$;

-- As before, and: rows of a copy are a batch of their own, limited by bytes alone, so that they make few large files; while the copy runs,
-- they wait until a batch of them is worth a file.
create or replace function claim_batch(p_worker text, p_max_rows bigint, p_max_bytes bigint, p_lease interval,
                                       p_min_rows bigint default 1, p_max_age interval default '0')
returns setof philotes.batch language plpgsql
set enable_bitmapscan = off set enable_seqscan = off set cursor_tuple_fraction = 0.001 as $$
declare b philotes.batch; c philotes.table_cursor; v_to bigint; v_schema int; v_copied boolean; r record;
        v_rows bigint := 0; v_bytes bigint := 0;
begin
  select * into b from philotes.batch x
   where ((x.state in ('claimed','committing') and x.lease_until < clock_timestamp())
          or (x.state = 'failed' and x.next_try_at <= clock_timestamp()))
     and exists (select 1 from philotes.table_cursor k where k.table_id = x.table_id and k.state = 'active')
   order by x.last_ts for update skip locked limit 1;
  if found then
    return query update philotes.batch x set claim_token = nextval('philotes.claim_token_seq'), claimed_by = p_worker,
        claimed_at = clock_timestamp(), lease_until = clock_timestamp() + p_lease, attempt = x.attempt + 1,
        state = case when x.state = 'failed' and x.files is not null then 'committing'
                     when x.state = 'failed' then 'claimed' else x.state end
      where x.batch_id = b.batch_id returning x.*;
    return;
  end if;

  select k.* into c
    from philotes.table_cursor k join philotes.table_head h using (table_id)
   where k.state = 'active' and h.head_seq > k.claimed_seq
     and (select count(*) from philotes.batch x where x.table_id = k.table_id and x.state not in ('committed','rewound')) < k.max_in_flight
     and case when h.held
              then (select coalesce(sum(q.byte_count), 0) from philotes.chunk q where q.table_id = k.table_id and q.table_seq > k.claimed_seq)
                   >= (select y.claim_bytes from philotes.table_copy y where y.table_id = k.table_id)
              else h.rows_in - k.rows_out >= coalesce(k.min_rows, p_min_rows)
                   or h.bytes_in - k.bytes_out >= k.min_bytes
                   or coalesce((select min(q.last_ts) from philotes.chunk q
                                 where q.table_id = k.table_id and q.table_seq = k.claimed_seq + 1), now()) <= clock_timestamp() - coalesce(k.max_age, p_max_age) end
   order by k.committed_ts nulls first
   for update of k skip locked limit 1;
  if not found then return; end if;

  -- re-read under the lock: the snapshot of the statement above may be older than the lock
  select * into c from philotes.table_cursor where table_id = c.table_id;
  if (select count(*) from philotes.batch x where x.table_id = c.table_id and x.state not in ('committed','rewound')) >= c.max_in_flight then
    return;
  end if;

  -- grow the range: one schema, whole source transactions, up to the limits (at least one transaction)
  v_to := null;
  for r in select q.table_seq, q.schema_id, q.tx_open, q.row_count, q.byte_count, q.copied
             from philotes.chunk q
            where q.table_id = c.table_id and q.table_seq > c.claimed_seq order by q.table_seq
  loop
    exit when v_schema is not null and (r.schema_id <> v_schema or r.copied <> v_copied);
    v_rows := v_rows + case when r.copied then 0 else r.row_count end; v_bytes := v_bytes + r.byte_count;
    exit when v_to is not null and (v_rows > coalesce(c.max_rows, p_max_rows) or v_bytes > case when r.copied then p_max_bytes else coalesce(c.max_bytes, p_max_bytes) end);
    v_schema := r.schema_id; v_copied := r.copied;
    if not r.tx_open then v_to := r.table_seq; end if;
  end loop;
  if v_to is null then return; end if;

  update philotes.table_cursor set claimed_seq = v_to where table_id = c.table_id;
  return query
  insert into philotes.batch (table_id, from_seq, to_seq, schema_id, state, claim_token, claimed_by, claimed_at, lease_until,
                              row_count, byte_count, last_lsn, last_ts)
  select c.table_id, c.claimed_seq + 1, v_to, v_schema, 'claimed', nextval('philotes.claim_token_seq'), p_worker,
         clock_timestamp(), clock_timestamp() + p_lease, sum(q.row_count), sum(q.byte_count), max(q.last_lsn), max(q.last_ts)
    from philotes.chunk q where q.table_id = c.table_id and q.table_seq between c.claimed_seq + 1 and v_to
  returning *;
end $$;

-- As before, and: changes that wait for their table's copy are shown as held.
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
  join philotes.event e on e.gen = c.gen and e.chunk = c.chunk
  join philotes.source s on s.source_id = c.source_id
  join philotes.source_table t on t.table_id = c.table_id
  join philotes.table_schema z on z.schema_id = c.schema_id
  join philotes.table_cursor k on k.table_id = c.table_id
  left join philotes.batch b on b.table_id = c.table_id and c.table_seq between b.from_seq and b.to_seq and b.state <> 'rewound'
  left join philotes.dead_letter d on d.table_id = c.table_id and d.chunk = e.chunk and d.ord = e.ord and d.resolution is null;

-- As before, and: nothing that is held may go.
create or replace view v_droppable as
select g.gen, g.sealed_at, coalesce(max(c.last_ts), g.sealed_at) as newest
  from philotes.generation g
  left join philotes.chunk c on c.gen = g.gen
  left join philotes.table_cursor k on k.table_id = c.table_id
 where g.sealed_at is not null and g.dropped_at is null and g.pinned_by is null
 group by g.gen, g.sealed_at
having coalesce(bool_and(c.table_seq <= k.committed_seq or k.state = 'dropped') filter (where c.chunk is not null), true)
   and not exists (select 1 from philotes.held_chunk h where h.gen = g.gen)
   and not exists (select 1 from philotes.dead_letter d where d.gen = g.gen and d.resolved_at is null);

-- How far the copy of each table is.
create view v_copy as
select c.table_id, s.name as source, t.schema_name, t.table_name, c.attempt,
       case when c.state = 'active' and k.committed_seq < c.finished_seq then 'catching up' else c.state end as state,
       c.point, c.rows_expected, coalesce(r.rows_done, 0) as rows_done, c.bytes_expected, coalesce(r.bytes_done, 0) as bytes_done,
       coalesce(r.ranges, 0) as ranges, coalesce(r.ranges_done, 0) as ranges_done, c.asked_at, c.started_at, c.finished_at,
       c.error_code, c.error_text, c.next_try_at, s.copy_paused and c.state in ('waiting', 'copying') as paused, c.predicate
  from philotes.table_copy c
  join philotes.source_table t using (table_id)
  join philotes.source s using (source_id)
  join philotes.table_cursor k using (table_id)
  left join lateral (
    select sum(row_count) as rows_done, sum(bytes) filter (where done_at is not null) as bytes_done, count(*) as ranges, count(done_at) as ranges_done
      from philotes.copy_range x where x.table_id = c.table_id and x.attempt = c.attempt and x.ordinal > 0) r on true;

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_copies() returns void language plpgsql as $$
declare f regprocedure; r text;
begin
  for f in select p.oid::regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'philotes'::regnamespace
             and p.proname in ('copy_chunk_begin', 'copy_ask', 'copy_start', 'copy_publish', 'copy_finish', 'copy_restart', 'copy_give_up') loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  for r in select rolname from pg_catalog.pg_roles where rolname in ('philotes_capture', 'philotes_writer', 'philotes_reader', 'philotes_operator') loop
    execute format('grant select on philotes.table_copy, philotes.copy_range, philotes.copy_snapshot, philotes.held_chunk, philotes.v_copy to %I', r);
    if r = 'philotes_capture' then
      grant execute on function philotes.copy_chunk_begin(bigint), philotes.copy_start(int, int, int, int, bigint, bigint, jsonb),
            philotes.copy_publish(int, int, int, bigint, jsonb), philotes.copy_finish(int, int), philotes.copy_restart(int, int, text, text),
            philotes.copy_give_up(int, text, text, text) to philotes_capture;
      grant insert, delete, update (name, keeper_pid, keeper_start) on philotes.copy_snapshot to philotes_capture;
      grant insert, update (snapshot_id, error_code, error_text, next_try_at) on philotes.table_copy to philotes_capture;
    elsif r = 'philotes_operator' then
      grant execute on function philotes.copy_ask(int, text) to philotes_operator;
      grant update (copy_paused) on philotes.source to philotes_operator;
    end if;
  end loop;
end $$;
revoke all on function grant_copies() from public;

-- What was replaced above lost what grant_roles had given it.
select grant_roles();
select grant_copies();

reset search_path;
