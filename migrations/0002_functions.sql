-- The buffer's protocol: what moves a fence, a cursor or a batch is a function here, so that it is one statement for its caller, checks its
-- fence where it writes, and can be granted to the one role that may do it.

set search_path = philotes, pg_catalog;

-- Makes a generation: its leaves are built detached and then attached, which waits for no reader. Can be called again for the same number.
create procedure add_generation(p_gen int) language plpgsql as $$
declare r text;
begin
  execute format('create table if not exists philotes.event_g%s (like philotes.event including defaults)', p_gen);
  execute format('create table if not exists philotes.chunk_g%s (like philotes.chunk including all)', p_gen);
  if not exists (select 1 from pg_catalog.pg_inherits where inhrelid = format('philotes.event_g%s', p_gen)::regclass) then
    begin
      execute format('alter table philotes.event_g%s alter new_row set compression lz4, alter old_row set compression lz4', p_gen);
    exception when feature_not_supported or syntax_error or undefined_object then
      null; -- a server built without lz4 compresses with pglz
    end;
    execute format('alter table philotes.event_g%s add check (gen = %s)', p_gen, p_gen);
    execute format('create index event_g%s_chunk on philotes.event_g%s using brin (chunk) with (pages_per_range = 16)', p_gen, p_gen);
    -- dropped before it needs freezing
    execute format('alter table philotes.event_g%s set (autovacuum_vacuum_insert_threshold = -1)', p_gen);
    execute format('alter table philotes.event attach partition philotes.event_g%s for values in (%s)', p_gen, p_gen);
  end if;
  if not exists (select 1 from pg_catalog.pg_inherits where inhrelid = format('philotes.chunk_g%s', p_gen)::regclass) then
    execute format('alter table philotes.chunk_g%s add check (gen = %s)', p_gen, p_gen);
    execute format('alter table philotes.chunk attach partition philotes.chunk_g%s for values in (%s)', p_gen, p_gen);
  end if;
  for r in select rolname from pg_catalog.pg_roles where rolname in ('philotes_capture', 'philotes_writer', 'philotes_reader', 'philotes_operator') loop
    execute format('grant select on philotes.event_g%s, philotes.chunk_g%s to %I', p_gen, p_gen, r);
    if r = 'philotes_capture' then
      execute format('grant insert on philotes.event_g%s to %I', p_gen, r);
    end if;
  end loop;
  insert into philotes.generation(gen) values (p_gen) on conflict do nothing;
end $$;

-- Capture start: takes the fence. Chunk numbers are never reused: every epoch has a range of 2^32 of its own, so rows of a COPY whose
-- directory transaction never committed can not be reached by a later chunk of the same number.
create function capture_begin(p_source int, p_owner text)
returns table (epoch bigint, durable pg_lsn, last_chunk bigint, current_gen int) language sql as $$
  update philotes.source s
     set capture_epoch = capture_epoch + 1, capture_owner = p_owner, last_chunk = (capture_epoch + 1) << 32, capture_gen = s.current_gen
   where source_id = p_source returning capture_epoch, durable_lsn, s.last_chunk, s.current_gen;
$$;

-- Capture flush: the second of two transactions (the first was the COPY into event_gN). Compares and swaps (epoch, durable_lsn), enters the
-- chunks, moves the heads. p_low_gen: lowest generation of chunks that this capture may still publish after this flush.
create function capture_flush(p_source int, p_epoch bigint, p_prev pg_lsn, p_new pg_lsn, p_chunks jsonb, p_low_gen int)
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
  -- the lock keeps the seal out until this commits; a sealed generation may be gone by then, so nothing is published into it
  if exists (select 1 from jsonb_array_elements(p_chunks) x
              where not exists (select 1 from philotes.generation g where g.gen = (x->>'gen')::int)) then
    raise exception 'unknown generation in flush' using errcode = 'PH004';
  end if;
  perform 1 from philotes.generation g where g.gen in (select (x->>'gen')::int from jsonb_array_elements(p_chunks) x) for share;
  if exists (select 1 from philotes.generation g
              where g.sealed_at is not null and g.gen in (select (x->>'gen')::int from jsonb_array_elements(p_chunks) x)) then
    raise exception 'a chunk was written into a sealed generation: capture it again' using errcode = 'PH004';
  end if;
  with c as (
    select * from jsonb_to_recordset(p_chunks) as x(gen int, chunk bigint, table_id int, schema_id int, first_lsn pg_lsn,
             last_lsn pg_lsn, last_ts timestamptz, row_count int, byte_count bigint, tx_open boolean, crc32c bigint)
  ), h as (
    update philotes.table_head t set head_seq = t.head_seq + s.n, head_lsn = s.last_lsn, head_ts = s.last_ts,
           rows_in = t.rows_in + s.rows, bytes_in = t.bytes_in + s.bytes
      from (select table_id, count(*) n, max(last_lsn) last_lsn, max(last_ts) last_ts,
                   sum(row_count) rows, sum(byte_count) bytes from c group by table_id) s
     where t.table_id = s.table_id returning t.table_id, t.head_seq - s.n as base
  )
  insert into philotes.chunk (gen, source_id, chunk, table_id, table_seq, schema_id, first_lsn, last_lsn, last_ts,
                              row_count, byte_count, tx_open, crc32c)
  select c.gen, p_source, c.chunk, c.table_id,
         h.base + row_number() over (partition by c.table_id order by c.chunk),
         c.schema_id, c.first_lsn, c.last_lsn, c.last_ts, c.row_count, c.byte_count, coalesce(c.tx_open, false), c.crc32c
    from c join h using (table_id);
  get diagnostics n = row_count;
  if n <> jsonb_array_length(p_chunks) then
    raise exception 'unknown table in flush' using errcode = 'PH002';
  end if;
  return query select v_last, v_gen;
end $$;

-- Summarises the new pages of a generation's index, which only its owner may; without summaries a chunk is found by reading the whole leaf.
create function summarize_generation(p_gen int) returns void language plpgsql as $$
begin
  perform brin_summarize_new_values(format('philotes.event_g%s_chunk', p_gen)::regclass);
exception when undefined_table then
  null; -- dropped meanwhile
end $$;

-- Claim: expired lease first, then due retry, then new work of the table served longest ago; a table that is not active is left alone.
-- SKIP LOCKED on the cursor row. The planner settings keep it at index steps: without them it sorted a table's whole backlog per claim.
create function claim_batch(p_worker text, p_max_rows bigint, p_max_bytes bigint, p_lease interval,
                            p_min_rows bigint default 1, p_max_age interval default '0')
returns setof philotes.batch language plpgsql
set enable_bitmapscan = off set enable_seqscan = off set cursor_tuple_fraction = 0.001 as $$
declare b philotes.batch; c philotes.table_cursor; v_to bigint; v_schema int; r record;
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
     and (h.rows_in - k.rows_out >= p_min_rows
          or coalesce((select min(q.last_ts) from philotes.chunk q
                        where q.table_id = k.table_id and q.table_seq = k.claimed_seq + 1), now()) <= clock_timestamp() - p_max_age)
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
  for r in select q.table_seq, q.schema_id, q.tx_open, q.row_count, q.byte_count
             from philotes.chunk q
            where q.table_id = c.table_id and q.table_seq > c.claimed_seq order by q.table_seq
  loop
    exit when v_schema is not null and r.schema_id <> v_schema;
    v_rows := v_rows + r.row_count; v_bytes := v_bytes + r.byte_count;
    exit when v_to is not null and (v_rows > p_max_rows or v_bytes > p_max_bytes);
    v_schema := r.schema_id;
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

create function renew_lease(p_batch bigint, p_token bigint, p_lease interval) returns boolean language sql as $$
  with u as (update philotes.batch set lease_until = clock_timestamp() + p_lease
              where batch_id = p_batch and claim_token = p_token and state in ('claimed','committing') returning 1)
  select exists (select 1 from u);
$$;

-- The files are stored: write down what will be committed, before asking the catalog. Staging again, with a new request id, follows a
-- conflict: nothing happened, the parent moved.
create function stage_batch(p_batch bigint, p_token bigint, p_files jsonb, p_snapshot bigint, p_request uuid)
returns boolean language sql as $$
  with u as (update philotes.batch set state = 'committing', files = p_files, snapshot_id = p_snapshot, request_id = p_request
              where batch_id = p_batch and claim_token = p_token and state in ('claimed','committing') returning 1)
  select exists (select 1 from u);
$$;

-- The catalog said yes, or the table already carries our mark.
create function finish_batch(p_batch bigint, p_token bigint, p_snapshot bigint) returns void language plpgsql as $$
declare b philotes.batch; n int;
begin
  update philotes.batch set state = 'committed', committed_at = clock_timestamp(), snapshot_id = p_snapshot,
         error_code = null, error_text = null
   where batch_id = p_batch and claim_token = p_token and state = 'committing' returning * into b;
  if not found then raise exception 'fenced: batch % token %', p_batch, p_token using errcode = 'PH001'; end if;
  update philotes.table_cursor set committed_seq = b.to_seq, committed_lsn = b.last_lsn, committed_ts = b.last_ts,
         rows_out = rows_out + b.row_count, snapshot_id = p_snapshot
   where table_id = b.table_id and committed_seq = b.from_seq - 1;
  get diagnostics n = row_count;
  if n <> 1 then raise exception 'out of order: batch % of table %', p_batch, b.table_id using errcode = 'PH003'; end if;
end $$;

create function fail_batch(p_batch bigint, p_token bigint, p_code text, p_text text, p_delay interval, p_block boolean)
returns boolean language plpgsql as $$
declare b philotes.batch;
begin
  update philotes.batch set state = 'failed', error_code = p_code, error_text = left(p_text, 4000),
         next_try_at = clock_timestamp() + p_delay
   where batch_id = p_batch and claim_token = p_token and state in ('claimed','committing') returning * into b;
  if not found then return false; end if;
  if p_block then
    update philotes.batch set state = 'dead' where batch_id = p_batch;
    update philotes.table_cursor set state = 'blocked', state_reason = p_code where table_id = b.table_id;
  end if;
  return true;
end $$;

create function commit_turn(p_batch bigint, p_token bigint) returns boolean language sql stable as $$
  select k.committed_seq = b.from_seq - 1 from philotes.batch b join philotes.table_cursor k using (table_id)
   where b.batch_id = p_batch and b.claim_token = p_token;
$$;

-- Replay, mode "rewind": the table goes back to the end of batch p_to_seq; the caller has already moved the Iceberg
-- ref to snapshot_returned (assert-ref-snapshot-id = the current one); the same events are then claimed again
create function rewind_table(p_table int, p_to_seq bigint, p_actor text, out snapshot_returned bigint, out batches_rewound int)
language plpgsql as $$
declare c philotes.table_cursor;
begin
  perform pg_advisory_xact_lock_shared(x'50484c31'::bigint); -- not while retention withdraws what is to be replayed
  select * into c from philotes.table_cursor where table_id = p_table for update;
  if c.state not in ('paused','blocked') then raise exception 'pause the table first' using errcode = 'PH010'; end if;
  if exists (select 1 from philotes.batch where table_id = p_table and state in ('claimed','committing') and lease_until > clock_timestamp())
    then raise exception 'a batch is still in flight' using errcode = 'PH011'; end if;
  if p_to_seq <> 0 and not exists (select 1 from philotes.batch where table_id = p_table and to_seq = p_to_seq and state = 'committed')
    then raise exception 'seq % is not the end of a committed batch', p_to_seq using errcode = 'PH012'; end if;
  if (select min(q.table_seq) from philotes.chunk q join philotes.generation g using (gen)
       where q.table_id = p_table and q.table_seq > p_to_seq and g.dropped_at is null) is distinct from p_to_seq + 1
     and exists (select 1 from philotes.table_head where table_id = p_table and head_seq > p_to_seq)
    then raise exception 'events after seq % have been dropped by retention', p_to_seq using errcode = 'PH013'; end if;
  update philotes.batch set state = 'rewound' where table_id = p_table and from_seq > p_to_seq and state <> 'rewound';
  get diagnostics batches_rewound = row_count;
  select b.snapshot_id into snapshot_returned from philotes.batch b where b.table_id = p_table and b.to_seq = p_to_seq and b.state = 'committed';
  update philotes.table_cursor set claimed_seq = p_to_seq, committed_seq = p_to_seq, snapshot_id = snapshot_returned,
         rows_out = coalesce((select sum(row_count) from philotes.batch where table_id = p_table and state = 'committed'), 0)
   where table_id = p_table;
  insert into philotes.audit(actor, action, detail) values (p_actor, 'rewind', jsonb_build_object('table_id', p_table, 'to_seq', p_to_seq, 'batches', batches_rewound));
end $$;

-- Poison events: parks exactly the rows that failed, under the batch's fence; the batch then commits without them
create function park_events(p_batch bigint, p_token bigint, p_items jsonb) returns int language plpgsql as $$
declare n int;
begin
  perform 1 from philotes.batch where batch_id = p_batch and claim_token = p_token and state = 'claimed' for update;
  if not found then raise exception 'fenced: batch % token %', p_batch, p_token using errcode = 'PH001'; end if;
  insert into philotes.dead_letter (table_id, gen, chunk, ord, batch_id, error_code, error_text, key_hash)
  select b.table_id, i.gen, i.chunk, i.ord, p_batch, i.error_code, left(i.error_text, 4000), i.key_hash
    from jsonb_to_recordset(p_items) as i(gen int, chunk bigint, ord int, error_code text, error_text text, key_hash bytea),
         philotes.batch b where b.batch_id = p_batch
  on conflict do nothing;
  get diagnostics n = row_count;
  return n;
end $$;

-- Values that the lake's column could not hold: recorded under the batch's fence, again by each attempt that writes the batch.
create function record_value_exceptions(p_batch bigint, p_token bigint, p_items jsonb) returns int language plpgsql as $$
declare n int;
begin
  perform 1 from philotes.batch where batch_id = p_batch and claim_token = p_token and state in ('claimed','committing') for update;
  if not found then raise exception 'fenced: batch % token %', p_batch, p_token using errcode = 'PH001'; end if;
  insert into philotes.value_exception (table_id, gen, chunk, ord, commit_lsn, tx_seq, column_name, original, code, batch_id)
  select b.table_id, i.gen, i.chunk, i.ord, i.commit_lsn, i.tx_seq, i.column_name, i.original, i.code, p_batch
    from jsonb_to_recordset(p_items) as i(gen int, chunk bigint, ord int, commit_lsn pg_lsn, tx_seq bigint, column_name text,
             original text, code text), philotes.batch b where b.batch_id = p_batch
  on conflict (table_id, chunk, ord, column_name) do update set original = excluded.original, code = excluded.code,
         batch_id = excluded.batch_id, recorded_at = clock_timestamp();
  get diagnostics n = row_count;
  return n;
end $$;

call add_generation(1);

reset search_path;
