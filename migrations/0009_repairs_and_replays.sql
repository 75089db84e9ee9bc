-- How what went wrong is put right without doubt: dead letters that are written after all, tables that go back and are written again. Each is
-- written down before the lake is asked, so that whoever comes after a crash finds where it stood.

set search_path = philotes, pg_catalog;

-- The corrected image that an operator gave for a dead letter: a pgoutput tuple of the event's own schema. The event itself stays as it was.
alter table dead_letter add column rewritten_row bytea;
alter table dead_letter add column reason text;
create index dead_letter_open on dead_letter (table_id) where resolution is null;

-- Parks the events that failed. One that was to be retried and failed again is open again; one that a person wrote off stays so.
create or replace function park_events(p_batch bigint, p_token bigint, p_items jsonb) returns int language plpgsql as $$
declare n int;
begin
  perform 1 from philotes.batch where batch_id = p_batch and claim_token = p_token and state = 'claimed' for update;
  if not found then raise exception 'fenced: batch % token %', p_batch, p_token using errcode = 'PH001'; end if;
  insert into philotes.dead_letter as d (table_id, gen, chunk, ord, batch_id, error_code, error_text, key_hash)
  select b.table_id, i.gen, i.chunk, i.ord, p_batch, i.error_code, left(i.error_text, 4000), i.key_hash
    from jsonb_to_recordset(p_items) as i(gen int, chunk bigint, ord int, error_code text, error_text text, key_hash bytea),
         philotes.batch b where b.batch_id = p_batch
  on conflict (table_id, chunk, ord) do update
     set batch_id = excluded.batch_id, error_code = excluded.error_code, error_text = excluded.error_text, key_hash = excluded.key_hash,
         parked_at = clock_timestamp(), resolution = null, resolved_at = null, resolved_by = null
   where d.resolution = 'retry';
  get diagnostics n = row_count;
  return n;
end $$;

-- Dead letters on their way into the lake, in one commit of their own beside the table's batches. The table property
-- philotes.repair.<source> holds the number of the last one, set in the same commit: it is committed when the property says so.
create table repair (
  repair_id    bigint generated always as identity primary key,
  table_id     int    not null references source_table,
  resolution   text   not null check (resolution in ('retry', 'rewritten')),
  items        jsonb  not null,               -- [{"chunk": …, "ord": …}]
  state        text   not null default 'open' check (state in ('open', 'committed', 'cancelled')),
  files        jsonb,                         -- written before the catalog is asked, as in a batch
  snapshot_id  bigint,
  request_id   uuid,
  mark_seq     bigint,                        -- how far the table's mark was in the commit before it
  opened_at    timestamptz not null default clock_timestamp(),
  opened_by    text   not null,
  reason       text,
  committed_at timestamptz
);
create unique index repair_open on repair (table_id) where state = 'open';

create function open_repair(p_table int, p_resolution text, p_items jsonb, p_actor text, p_reason text) returns bigint language plpgsql as $$
declare n int; v_id bigint;
begin
  perform 1 from philotes.table_cursor where table_id = p_table for update;
  if exists (select 1 from philotes.repair where table_id = p_table and state = 'open') then
    raise exception 'another repair of table % is open', p_table using errcode = 'PH015';
  end if;
  select count(*) into n
    from jsonb_to_recordset(p_items) as i(chunk bigint, ord int)
    join philotes.dead_letter d on d.table_id = p_table and d.chunk = i.chunk and d.ord = i.ord and d.resolution is null
    join philotes.chunk c on c.table_id = d.table_id and c.chunk = d.chunk and c.gen = d.gen
    join philotes.table_cursor k on k.table_id = d.table_id and c.table_seq <= k.committed_seq;
  if n = 0 or n <> jsonb_array_length(p_items) then
    raise exception '% of % events are open dead letters of committed batches', n, jsonb_array_length(p_items) using errcode = 'PH016';
  end if;
  update philotes.dead_letter d set rewritten_row = decode(i.rewritten, 'hex')
    from jsonb_to_recordset(p_items) as i(chunk bigint, ord int, rewritten text)
   where d.table_id = p_table and d.chunk = i.chunk and d.ord = i.ord and i.rewritten is not null;
  insert into philotes.repair(table_id, resolution, items, opened_by, reason)
  values (p_table, p_resolution, p_items, p_actor, p_reason) returning repair_id into v_id;
  perform philotes.write_audit(p_actor, case p_resolution when 'retry' then 'dlq retry' else 'dlq rewrite' end, p_reason,
    jsonb_build_object('repair_id', v_id, 'table_id', p_table, 'events', n));
  return v_id;
end $$;

create function stage_repair(p_repair bigint, p_files jsonb, p_snapshot bigint, p_request uuid) returns boolean language sql as $$
  with u as (update philotes.repair set files = p_files, snapshot_id = p_snapshot, request_id = p_request
              where repair_id = p_repair and state = 'open' and files is null returning 1)
  select exists (select 1 from u);
$$;

-- The table carries it: its dead letters are resolved.
create function finish_repair(p_repair bigint, p_snapshot bigint, p_mark bigint) returns int language plpgsql as $$
declare r philotes.repair; n int;
begin
  update philotes.repair set state = 'committed', committed_at = clock_timestamp(), snapshot_id = p_snapshot, mark_seq = p_mark
   where repair_id = p_repair and state = 'open' returning * into r;
  if not found then raise exception 'repair % is not open', p_repair using errcode = 'PH015'; end if;
  update philotes.dead_letter d
     set resolution = r.resolution, resolved_at = clock_timestamp(), resolved_by = r.opened_by, reason = r.reason
    from jsonb_to_recordset(r.items) as i(chunk bigint, ord int)
   where d.table_id = r.table_id and d.chunk = i.chunk and d.ord = i.ord and d.resolution is null;
  get diagnostics n = row_count;
  return n;
end $$;

-- Nothing of it may have been sent: only a repair without staged files can be given up.
create function cancel_repair(p_repair bigint) returns boolean language sql as $$
  with u as (update philotes.repair set state = 'cancelled' where repair_id = p_repair and state = 'open' and files is null returning 1)
  select exists (select 1 from u);
$$;

create function skip_dead_letters(p_table int, p_items jsonb, p_actor text, p_reason text) returns int language plpgsql as $$
declare n int;
begin
  if coalesce(p_reason, '') = '' then raise exception 'a change that is written off needs a reason' using errcode = 'PH016'; end if;
  update philotes.dead_letter d
     set resolution = 'skip', resolved_at = clock_timestamp(), resolved_by = p_actor, reason = p_reason
    from jsonb_to_recordset(p_items) as i(chunk bigint, ord int)
   where d.table_id = p_table and d.chunk = i.chunk and d.ord = i.ord and d.resolution is null
     and not exists (select 1 from philotes.repair r, jsonb_to_recordset(r.items) as o(chunk bigint, ord int)
                      where r.state = 'open' and r.table_id = p_table and o.chunk = d.chunk and o.ord = d.ord);
  get diagnostics n = row_count;
  if n <> jsonb_array_length(p_items) then
    raise exception '% of % events are open dead letters', n, jsonb_array_length(p_items) using errcode = 'PH016';
  end if;
  perform philotes.write_audit(p_actor, 'dlq skip', p_reason, jsonb_build_object('table_id', p_table, 'events', p_items));
  return n;
end $$;

-- What is asked for, as it was planned; run needs the plan's number.
create table replay (
  replay_id  bigint generated always as identity primary key,
  table_id   int    not null references source_table,
  mode       text   not null check (mode in ('rewind', 'side', 'window', 'table')),
  from_seq   bigint not null,                 -- first chunk that is written again
  to_seq     bigint not null,                 -- last one; for a rewind where the head was when it was planned
  from_lsn   pg_lsn,                          -- window only: events outside are left out
  to_lsn     pg_lsn,
  target     text,                            -- side and window: the lake's table that is written, namespace.table
  head       bigint,                          -- rewind: the table's snapshot when it was planned, which run asserts
  snapshot   bigint,                          -- rewind: the snapshot that it goes back to
  plan       jsonb  not null,
  state      text   not null default 'planned' check (state in ('planned', 'running', 'done', 'cancelled')),
  next_seq   bigint,                          -- side and window: the next chunk to write
  planned_at timestamptz not null default clock_timestamp(),
  planned_by text   not null,
  run_at     timestamptz,
  run_by     text,
  reason     text,
  ended_at   timestamptz
);
create unique index replay_running on replay (table_id) where state = 'running' and mode in ('rewind', 'table');

create function plan_replay(p_table int, p_mode text, p_from bigint, p_to bigint, p_from_lsn pg_lsn, p_to_lsn pg_lsn, p_target text,
                            p_head bigint, p_snapshot bigint, p_plan jsonb, p_actor text) returns bigint language sql as $$
  insert into philotes.replay(table_id, mode, from_seq, to_seq, from_lsn, to_lsn, target, head, snapshot, plan, planned_by, next_seq)
  values (p_table, p_mode, p_from, p_to, p_from_lsn, p_to_lsn, p_target, p_head, p_snapshot, p_plan, p_actor, p_from)
  returning replay_id;
$$;

-- From planned to running, or running again after a crash. What it needs is pinned, and must still be there.
create function begin_replay(p_replay bigint, p_actor text, p_reason text) returns void language plpgsql as $$
declare r philotes.replay; k philotes.table_cursor;
begin
  perform pg_advisory_xact_lock_shared(x'50484c31'::bigint); -- not while retention withdraws what is to be replayed
  select * into r from philotes.replay where replay_id = p_replay for update;
  if not found or r.state not in ('planned', 'running') then
    raise exception 'replay % is %', p_replay, coalesce(r.state, 'not planned') using errcode = 'PH017';
  end if;
  select * into k from philotes.table_cursor where table_id = r.table_id for update;
  if r.mode = 'rewind' and k.state not in ('paused', 'blocked') then
    raise exception 'pause the table first' using errcode = 'PH010';
  end if;
  if r.mode = 'rewind' and exists (select 1 from philotes.repair where table_id = r.table_id and state = 'open') then
    raise exception 'a repair of the table is open' using errcode = 'PH015';
  end if;
  if r.from_seq <= r.to_seq
     and (select count(*) from philotes.chunk q join philotes.generation g using (gen)
           where q.table_id = r.table_id and q.table_seq between r.next_seq and r.to_seq and g.dropped_at is null) <> r.to_seq - r.next_seq + 1 then
    raise exception 'events after seq % have been dropped by retention', r.next_seq - 1 using errcode = 'PH013';
  end if;
  update philotes.generation g set pinned_by = 'replay ' || p_replay
   where g.dropped_at is null and g.pinned_by is null
     and exists (select 1 from philotes.chunk q where q.gen = g.gen and q.table_id = r.table_id and q.table_seq between r.next_seq and r.to_seq);
  update philotes.replay set state = 'running', run_at = coalesce(run_at, clock_timestamp()), run_by = p_actor, reason = p_reason where replay_id = p_replay;
  if r.state = 'planned' then
    perform philotes.write_audit(p_actor, 'replay run', p_reason, jsonb_build_object('replay_id', p_replay, 'table_id', r.table_id, 'mode', r.mode, 'plan', r.plan));
  end if;
end $$;

create function advance_replay(p_replay bigint, p_next bigint) returns void language sql as $$
  update philotes.replay set next_seq = greatest(next_seq, p_next) where replay_id = p_replay and state = 'running';
$$;

create function end_replay(p_replay bigint, p_state text, p_actor text, p_reason text) returns text language plpgsql as $$
declare r philotes.replay;
begin
  select * into r from philotes.replay where replay_id = p_replay for update;
  if not found or r.state not in ('planned', 'running') or p_state not in ('done', 'cancelled') then
    raise exception 'replay % is %', p_replay, coalesce(r.state, 'not planned') using errcode = 'PH017';
  end if;
  update philotes.replay set state = p_state, ended_at = clock_timestamp() where replay_id = p_replay;
  update philotes.generation set pinned_by = null where pinned_by = 'replay ' || p_replay;
  if p_state = 'cancelled' then
    perform philotes.write_audit(p_actor, 'replay cancel', p_reason, jsonb_build_object('replay_id', p_replay, 'before', r.state));
  end if;
  return r.state;
end $$;

-- The number under which an attempt of a replay or a repair names its files.
create function next_attempt() returns bigint language sql as $$ select nextval('philotes.claim_token_seq') $$;

-- As before, and dead letters follow: those of the chunks that are written again are tried again with their batch; those whose repair went
-- back with the table are open again.
create or replace function rewind_table(p_table int, p_to_seq bigint, p_actor text, out snapshot_returned bigint, out batches_rewound int)
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
  update philotes.dead_letter d set resolution = null, resolved_at = null, resolved_by = null
    from philotes.repair r, jsonb_to_recordset(r.items) as i(chunk bigint, ord int), philotes.chunk q
   where r.table_id = p_table and r.state = 'committed' and r.mark_seq >= p_to_seq
     and d.table_id = p_table and d.chunk = i.chunk and d.ord = i.ord and q.gen = d.gen and q.table_id = p_table and q.chunk = d.chunk and q.table_seq <= p_to_seq;
  update philotes.repair set state = 'cancelled' where table_id = p_table and state = 'committed' and mark_seq >= p_to_seq;
  update philotes.dead_letter d set resolution = 'retry', resolved_at = clock_timestamp(), resolved_by = p_actor, reason = 'rewind'
    from philotes.chunk q
   where d.table_id = p_table and d.resolution is null and q.gen = d.gen and q.table_id = p_table and q.chunk = d.chunk and q.table_seq > p_to_seq;
  update philotes.table_cursor set claimed_seq = p_to_seq, committed_seq = p_to_seq, snapshot_id = snapshot_returned,
         committed_lsn = (select b.last_lsn from philotes.batch b where b.table_id = p_table and b.to_seq = p_to_seq and b.state = 'committed'),
         committed_ts = (select b.last_ts from philotes.batch b where b.table_id = p_table and b.to_seq = p_to_seq and b.state = 'committed'),
         rows_out = coalesce((select sum(row_count) from philotes.batch where table_id = p_table and state = 'committed'), 0),
         bytes_out = coalesce((select sum(byte_count) from philotes.batch where table_id = p_table and state = 'committed'), 0)
   where table_id = p_table;
  insert into philotes.audit(actor, action, detail) values (p_actor, 'rewind', jsonb_build_object('table_id', p_table, 'to_seq', p_to_seq, 'batches', batches_rewound));
end $$;

create or replace function grant_operator() returns void language plpgsql as $$
declare f regprocedure; r text;
begin
  for f in select p.oid::regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'philotes'::regnamespace
             and p.proname in ('write_audit', 'set_table_state', 'retry_batch', 'release_batch', 'pin_generation', 'grant_operator', 'park_events', 'rewind_table',
                               'open_repair', 'stage_repair', 'finish_repair', 'cancel_repair', 'skip_dead_letters', 'plan_replay', 'begin_replay',
                               'advance_replay', 'end_replay', 'next_attempt') loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_operator') then
    grant execute on function philotes.set_table_state(int, text, text, text), philotes.retry_batch(bigint, boolean, text, text),
                              philotes.release_batch(bigint, text, text), philotes.pin_generation(int, text, text, text),
                              philotes.rewind_table(int, bigint, text), philotes.open_repair(int, text, jsonb, text, text),
                              philotes.stage_repair(bigint, jsonb, bigint, uuid), philotes.finish_repair(bigint, bigint, bigint),
                              philotes.cancel_repair(bigint), philotes.skip_dead_letters(int, jsonb, text, text),
                              philotes.plan_replay(int, text, bigint, bigint, pg_lsn, pg_lsn, text, bigint, bigint, jsonb, text),
                              philotes.begin_replay(bigint, text, text), philotes.advance_replay(bigint, bigint),
                              philotes.end_replay(bigint, text, text, text), philotes.next_attempt() to philotes_operator;
  end if;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_writer') then
    grant execute on function philotes.park_events(bigint, bigint, jsonb) to philotes_writer;
  end if;
  foreach r in array array['philotes_operator', 'philotes_reader', 'philotes_writer'] loop
    if exists (select 1 from pg_catalog.pg_roles where rolname = r) then
      execute format('grant select on philotes.repair, philotes.replay to %I', r);
    end if;
  end loop;
end $$;

select grant_operator();

reset search_path;
