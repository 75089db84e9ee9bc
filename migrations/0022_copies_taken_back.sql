-- A copy that replaces a table's rows in one commit is seen whole or not at all, however it ends: wherever it ends before its last row, what was published of it is taken
-- back. That is so when its snapshot is lost, when it is given up, when it is asked for anew or cancelled, and when the buffer is full before it is there.
set search_path = philotes, pg_catalog;

alter table table_copy add column needs_bytes bigint;                          -- of the buffer, as the rows that were there show; null: not known
alter table table_copy add column settled boolean not null default false;      -- all rows were in the changelog before this copy was asked for
alter table batch add column sent boolean not null default false;              -- it was staged once, so its commit may still land: it stays what it is

-- What is published of this attempt goes. It is the end of the table's chunks, because its changes are held meanwhile, and nobody has claimed it, because the table is
-- held. Its rows have the position before the point, as no others do. The caller holds the copy.
create function copy_take_back(p_table int) returns void language plpgsql as $$
declare t philotes.table_copy; v_rows bigint; v_bytes bigint; v_first bigint; v_done bigint;
begin
  select * into t from philotes.table_copy where table_id = p_table;
  if not found or not t.whole or t.state <> 'copying' then return; end if;
  perform 1 from philotes.table_head where table_id = p_table for update;
  with gone as (
    delete from philotes.chunk c using philotes.table_cursor k
     where c.table_id = p_table and k.table_id = p_table and c.table_seq > k.claimed_seq and c.copied and pg_wal_lsn_diff(t.point, c.first_lsn) = 1
    returning c.table_seq, c.row_count, c.byte_count
  )
  select sum(row_count), sum(byte_count), min(table_seq) into v_rows, v_bytes, v_first from gone;
  if v_first is null then return; end if;
  update philotes.table_head set head_seq = v_first - 1, rows_in = rows_in - v_rows, bytes_in = bytes_in - v_bytes where table_id = p_table;
  select sum(r.bytes) into v_done from philotes.copy_range r where r.table_id = p_table and r.attempt = t.attempt and r.done_at is not null;
  update philotes.table_copy set needs_bytes = greatest(needs_bytes, (v_bytes::numeric * t.bytes_expected / nullif(v_done, 0))::bigint) where table_id = p_table;
end $$;

-- As before, and: what an unfinished copy has brought is taken back.
create or replace function copy_ask(p_table int, p_predicate text) returns void language plpgsql as $$
begin
  perform 1 from philotes.table_copy where table_id = p_table for update;
  perform philotes.copy_take_back(p_table);
  update philotes.table_head set held = true where table_id = p_table;
  insert into philotes.table_copy as t (table_id, attempt, again, predicate, whole, settled)
  select p_table, 2, k.committed_seq > 0 or h.head_seq > 0, p_predicate, p_predicate is null and (k.committed_seq > 0 or h.head_seq > 0), true
    from philotes.table_head h join philotes.table_cursor k using (table_id) where h.table_id = p_table
  on conflict (table_id) do update
    set attempt = t.attempt + 1, state = 'waiting', again = t.again or excluded.again, predicate = excluded.predicate, whole = excluded.whole, grows = true, snapshot_id = null, point = null,
        settled = t.settled or t.state not in ('waiting', 'copying'), needs_bytes = null,
        asked_at = clock_timestamp(), started_at = null, finished_at = null, finished_seq = null, error_code = null, error_text = null, next_try_at = null;
end $$;

-- As before, with what is taken back in one place.
create or replace function copy_restart(p_table int, p_attempt int, p_code text, p_text text) returns void language plpgsql as $$
declare t philotes.table_copy;
begin
  select * into t from philotes.table_copy where table_id = p_table for update;
  if t.attempt <> p_attempt or t.state <> 'copying' then return; end if;
  perform philotes.copy_take_back(p_table);
  update philotes.table_copy c
     set attempt = c.attempt + 1, state = 'waiting', snapshot_id = null, point = null, started_at = null, error_code = p_code, error_text = p_text, next_try_at = null,
         again = c.again or exists (select 1 from philotes.copy_range r where r.table_id = p_table and r.attempt = p_attempt and r.row_count > 0)
   where c.table_id = p_table;
end $$;

-- As before, and: a copy that is whole leaves nothing.
create or replace function copy_give_up(p_table int, p_state text, p_code text, p_text text) returns void language plpgsql as $$
begin
  perform 1 from philotes.table_copy where table_id = p_table for update;
  perform philotes.copy_take_back(p_table);
  perform 1 from philotes.table_head where table_id = p_table for update;
  perform philotes.copy_pass_held(p_table, null, true);
  update philotes.table_head set held = false where table_id = p_table;
  update philotes.table_copy set state = p_state, error_code = p_code, error_text = p_text, finished_at = clock_timestamp(),
         finished_seq = (select head_seq from philotes.table_head where table_id = p_table)
   where table_id = p_table;
end $$;

-- The lake keeps what it has, and the table's changes go on from there. Returns the state that the copy was in.
create function cancel_resync(p_table int, p_actor text, p_reason text) returns text language plpgsql as $$
declare t philotes.table_copy;
begin
  select * into t from philotes.table_copy where table_id = p_table for update;
  if not found or t.state not in ('waiting', 'copying') or not t.whole or not t.settled then
    raise exception 'no copy of the table is under way that could be cancelled: only one that replaces all rows of a table that had them can' using errcode = 'PH014';
  end if;
  perform philotes.copy_give_up(p_table, 'active', null, null);
  perform philotes.end_replay(r.replay_id, 'cancelled', p_actor, p_reason) from philotes.replay r where r.table_id = p_table and r.mode = 'table' and r.state = 'running';
  perform philotes.write_audit(p_actor, 'tables resync --cancel', p_reason, jsonb_build_object('table_id', p_table, 'before', t.state));
  return t.state;
end $$;

-- As before, and: a copy that is whole can be given up while it runs.
create or replace function cancel_table_replay(p_replay bigint, p_actor text, p_reason text) returns void language plpgsql as $$
declare r philotes.replay; t philotes.table_copy;
begin
  select * into r from philotes.replay where replay_id = p_replay for update;
  if r.state = 'running' then
    select * into t from philotes.table_copy where table_id = r.table_id for update;
    if not ((t.state = 'waiting' and t.attempt = r.attempt) or (t.state in ('waiting', 'copying') and t.attempt >= r.attempt and t.whole))
       or coalesce(r.copy_before, 'active') <> 'active' then
      raise exception 'the rows of replay % are being copied already, and it ends when they are in', p_replay using errcode = 'PH017';
    end if;
    perform philotes.copy_give_up(r.table_id, 'active', null, null);
  end if;
  perform philotes.end_replay(p_replay, 'cancelled', p_actor, p_reason);
end $$;

-- As before, and: what was staged is remembered as such when it is encoded again.
create or replace function retry_batch(p_batch bigint, p_encode_again boolean, p_actor text, p_reason text) returns text language plpgsql as $$
declare b philotes.batch;
begin
  select * into b from philotes.batch where batch_id = p_batch for update;
  if not found then raise exception 'there is no batch %', p_batch using errcode = 'PH014'; end if;
  if b.state not in ('failed', 'dead') then
    raise exception 'batch % is %, not failed', p_batch, b.state using errcode = 'PH014';
  end if;
  update philotes.batch
     set state = 'failed', next_try_at = clock_timestamp(), sent = b.sent or b.files is not null,
         files = case when p_encode_again then null else files end,
         snapshot_id = case when p_encode_again then null else snapshot_id end,
         request_id = case when p_encode_again then null else request_id end
   where batch_id = p_batch;
  update philotes.table_cursor set state = 'active', state_reason = null where table_id = b.table_id and state = 'blocked';
  perform philotes.write_audit(p_actor, 'batches retry', p_reason,
    jsonb_build_object('batch_id', p_batch, 'before', b.state, 'encode_again', p_encode_again, 'error_code', b.error_code, 'files', b.files));
  return b.state;
end $$;

-- As before, and: a batch whose commit may still land takes nothing more, so that the table's mark says what it said.
create or replace function grow_batch(p_batch bigint, p_token bigint, p_last boolean)
returns table (to_seq bigint, row_count bigint, byte_count bigint, last_lsn pg_lsn, last_ts timestamptz, more boolean) language plpgsql as $$
declare b philotes.batch; c philotes.table_cursor; y philotes.table_copy; v_to bigint; v_bytes bigint; v_full boolean := false; r record;
begin
  select * into b from philotes.batch x where x.batch_id = p_batch and x.claim_token = p_token and x.state = 'claimed' for update;
  if not found then raise exception 'fenced: batch % token %', p_batch, p_token using errcode = 'PH001'; end if;
  select * into c from philotes.table_cursor k where k.table_id = b.table_id for update;
  -- asked before the chunks: rows that are published between the two are seen, or still to come
  select * into y from philotes.table_copy t where t.table_id = b.table_id;
  v_to := b.to_seq; v_bytes := b.byte_count;
  if c.claimed_seq = b.to_seq and not b.sent and y.claim_bytes < philotes.never_bytes()
     and (select q.copied from philotes.chunk q where q.table_id = b.table_id and q.table_seq = b.to_seq) then
    for r in select q.* from philotes.chunk q where q.table_id = b.table_id and q.table_seq > b.to_seq order by q.table_seq loop
      v_full := not r.copied or r.schema_id <> b.schema_id or v_bytes + r.byte_count > y.claim_bytes;
      exit when v_full;
      v_to := r.table_seq; v_bytes := v_bytes + r.byte_count;
    end loop;
    more := y.state = 'copying' and not v_full and not p_last;
  end if;
  if p_last then update philotes.table_copy t set grows = false where t.table_id = b.table_id and t.state = 'copying'; end if;
  if v_to > b.to_seq then
    update philotes.table_cursor k set claimed_seq = v_to where k.table_id = b.table_id;
    update philotes.batch x
       set to_seq = v_to, row_count = s.row_count, byte_count = s.byte_count, last_lsn = s.last_lsn, last_ts = s.last_ts
      from (select sum(q.row_count) row_count, sum(q.byte_count) byte_count, max(q.last_lsn) last_lsn, max(q.last_ts) last_ts
              from philotes.chunk q where q.table_id = b.table_id and q.table_seq between b.from_seq and v_to) s
     where x.batch_id = p_batch;
  end if;
  return query select x.to_seq, x.row_count, x.byte_count, x.last_lsn, x.last_ts, coalesce(grow_batch.more, false) from philotes.batch x where x.batch_id = p_batch;
end $$;

-- As before, and: damage is said. The shifts stand in parentheses: operators that are not arithmetic all bind alike.
create or replace function block_rows(p_block bytea) returns table (n int, tuple bytea) language plpgsql immutable strict as $$
declare v_at int := 0; v_length int;
begin
  n := 0;
  while v_at < length(p_block) loop
    v_length := (get_byte(p_block, v_at) << 24) | (get_byte(p_block, v_at + 1) << 16) | (get_byte(p_block, v_at + 2) << 8) | get_byte(p_block, v_at + 3);
    if v_length < 0 or v_length > length(p_block) - v_at - 4 then
      raise exception 'a block of copied rows is damaged at byte %', v_at using errcode = 'data_corrupted';
    end if;
    tuple := substring(p_block from v_at + 5 for v_length);
    return next;
    v_at := v_at + 4 + v_length;
    n := n + 1;
  end loop;
end $$;

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_copies_taken_back() returns void language plpgsql as $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'philotes'::regnamespace
             and p.proname in ('copy_take_back', 'cancel_resync', 'grant_copies_taken_back') loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_operator') then
    grant execute on function philotes.cancel_resync(int, text, text) to philotes_operator;
  end if;
end $$;

select grant_copies_taken_back();

-- What was replaced above lost what these had given it.
select grant_all();

reset search_path;
