-- What a fresh copy repairs: a table by its number under `replay`, and a whole source whose slot was lost. Both hold the tables' changes from
-- the moment they are asked for until the rows are in, so whoever folds the changelog arrives at the source's state.

set search_path = philotes, pg_catalog;

alter table replay add column predicate text;      -- table only: which rows are copied; null for all
alter table replay add column attempt int;         -- table only: the copy that it asked for
alter table replay add column copy_before text;    -- table only: the state of the table's copy before

-- As before, and: a copy that somebody asked for is not the first one, which the configuration may forbid.
create or replace function copy_ask(p_table int, p_predicate text) returns void language plpgsql as $$
begin
  update philotes.table_head set held = true where table_id = p_table;
  insert into philotes.table_copy as t (table_id, attempt, again, predicate)
  select p_table, 2, k.committed_seq > 0 or h.head_seq > 0, p_predicate
    from philotes.table_head h join philotes.table_cursor k using (table_id) where h.table_id = p_table
  on conflict (table_id) do update
    set attempt = t.attempt + 1, state = 'waiting', again = t.again or excluded.again, predicate = excluded.predicate, snapshot_id = null, point = null,
        asked_at = clock_timestamp(), started_at = null, finished_at = null, finished_seq = null, error_code = null, error_text = null, next_try_at = null;
end $$;

create function plan_table_replay(p_table int, p_predicate text, p_plan jsonb, p_actor text) returns bigint language sql as $$
  insert into philotes.replay(table_id, mode, from_seq, to_seq, plan, planned_by, next_seq, predicate)
  values (p_table, 'table', 1, 0, p_plan, p_actor, 1, p_predicate)
  returning replay_id;
$$;

-- The copy that a replay asked for is in the lake.
create function table_replay_is_done(r replay) returns boolean language sql stable as $$
  select exists (select from philotes.table_copy c join philotes.table_cursor k using (table_id)
                  where c.table_id = r.table_id and c.attempt >= r.attempt and c.state = 'active' and k.committed_seq >= coalesce(c.finished_seq, 0));
$$;

-- Asks for the copy, once: a replay that runs already is only waited for.
create function begin_table_replay(p_replay bigint, p_actor text, p_reason text) returns void language plpgsql as $$
declare r philotes.replay; v_before text;
begin
  select * into r from philotes.replay where replay_id = p_replay for update;
  if not found or r.state not in ('planned', 'running') or r.mode <> 'table' then
    raise exception 'replay % is %', p_replay, coalesce(r.state, 'not planned') using errcode = 'PH017';
  end if;
  if r.state = 'running' then return; end if;
  update philotes.replay x set state = 'done', ended_at = clock_timestamp()
   where x.table_id = r.table_id and x.mode = 'table' and x.state = 'running' and philotes.table_replay_is_done(x);
  if exists (select 1 from philotes.replay x where x.table_id = r.table_id and x.state = 'running' and x.mode in ('rewind', 'table')) then
    raise exception 'another replay of the table is running' using errcode = 'PH017';
  end if;
  select state into v_before from philotes.table_copy where table_id = r.table_id for update;
  perform philotes.copy_ask(r.table_id, r.predicate);
  update philotes.replay set state = 'running', run_at = clock_timestamp(), run_by = p_actor, reason = p_reason, copy_before = v_before,
         attempt = (select attempt from philotes.table_copy where table_id = r.table_id)
   where replay_id = p_replay;
  perform philotes.write_audit(p_actor, 'replay run', p_reason, jsonb_build_object('replay_id', p_replay, 'table_id', r.table_id, 'mode', r.mode, 'plan', r.plan));
end $$;

-- Given up while nothing of the copy is in the table: its changes are held no longer. Later the truncate may be in, and only the rows can follow.
create function cancel_table_replay(p_replay bigint, p_actor text, p_reason text) returns void language plpgsql as $$
declare r philotes.replay; t philotes.table_copy;
begin
  select * into r from philotes.replay where replay_id = p_replay for update;
  if r.state = 'running' then
    select * into t from philotes.table_copy where table_id = r.table_id for update;
    if t.state <> 'waiting' or t.attempt <> r.attempt or coalesce(r.copy_before, 'active') <> 'active' then
      raise exception 'the rows of replay % are being copied already, and it ends when they are in', p_replay using errcode = 'PH017';
    end if;
    perform philotes.copy_give_up(r.table_id, 'active', null, null);
  end if;
  perform philotes.end_replay(p_replay, 'cancelled', p_actor, p_reason);
end $$;

-- The source begins anew under its name: its position is forgotten and every captured table is copied again. For a slot that is lost at the
-- same cluster and timeline only: positions go on growing there. Every capture that still runs is fenced. Returns how many tables are copied.
create function repair_source(p_source int, p_durable pg_lsn, p_code text, p_actor text, p_reason text) returns int language plpgsql as $$
declare s philotes.source; n int;
begin
  select * into s from philotes.source where source_id = p_source for update;
  if not found or s.durable_lsn <> p_durable then
    raise exception 'the source is at %, not at %: a capture works on it', s.durable_lsn, p_durable using errcode = 'PH020';
  end if;
  update philotes.source set durable_lsn = '0/0', capture_epoch = capture_epoch + 1, state = 'new', state_reason = 'repaired after ' || p_code where source_id = p_source;
  perform philotes.copy_ask(t.table_id, null)
     from philotes.source_table t join philotes.table_cursor k using (table_id)
    where t.source_id = p_source and t.capture_note is null and k.state <> 'dropped'
      and not exists (select 1 from philotes.source_table y where y.source_id = t.source_id and y.schema_name = t.schema_name and y.table_name = t.table_name and y.incarnation > t.incarnation);
  get diagnostics n = row_count;
  perform philotes.write_audit(p_actor, 'source repair', p_reason,
    jsonb_build_object('source_id', p_source, 'code', p_code, 'durable_before', s.durable_lsn::text, 'tables', n));
  return n;
end $$;

-- What a person did that no function of the buffer does: a round of retention, a repair by doctor.
create function note_change(p_actor text, p_action text, p_reason text, p_detail jsonb) returns void language plpgsql as $$
begin
  if p_action not in ('retention run', 'doctor --fix') then
    raise exception 'no note of % is taken', p_action using errcode = 'PH014';
  end if;
  perform philotes.write_audit(p_actor, p_action, p_reason, p_detail);
end $$;

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_repairs_by_copy() returns void language plpgsql as $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'philotes'::regnamespace
             and p.proname in ('copy_ask', 'plan_table_replay', 'begin_table_replay', 'cancel_table_replay', 'repair_source', 'note_change', 'grant_repairs_by_copy') loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_operator') then
    grant execute on function philotes.copy_ask(int, text), philotes.plan_table_replay(int, text, jsonb, text), philotes.begin_table_replay(bigint, text, text),
          philotes.cancel_table_replay(bigint, text, text), philotes.repair_source(int, pg_lsn, text, text, text), philotes.note_change(text, text, text, jsonb)
       to philotes_operator;
  end if;
end $$;

-- All that is to be run again after an administrator made roles that the migrating user may not make.
create function grant_all() returns void language plpgsql as $$
declare f text;
begin
  for f in select p.proname from pg_catalog.pg_proc p
            where p.pronamespace = 'philotes'::regnamespace and p.proname like 'grant\_%' and p.proname <> 'grant_all' order by p.oid loop
    execute format('select philotes.%I()', f);
  end loop;
end $$;
revoke all on function grant_all() from public;

select grant_repairs_by_copy();

reset search_path;
