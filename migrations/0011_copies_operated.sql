-- What an operator asks of copies, under the audit: a table copied again, copying paused and resumed.

set search_path = philotes, pg_catalog;

-- Returns the state that the table's copy was in before; null when it never had one.
create function resync_table(p_table int, p_predicate text, p_actor text, p_reason text) returns text language plpgsql as $$
declare v_before text;
begin
  select state into v_before from philotes.table_copy where table_id = p_table for update;
  perform philotes.copy_ask(p_table, p_predicate);
  perform philotes.write_audit(p_actor, 'tables resync', p_reason,
    jsonb_build_object('table_id', p_table, 'before', v_before, 'where', p_predicate));
  return v_before;
end $$;

create function pause_copies(p_source text, p_paused boolean, p_actor text, p_reason text) returns text language plpgsql as $$
declare n int;
begin
  update philotes.source set copy_paused = p_paused where (p_source is null or name = p_source) and copy_paused <> p_paused;
  get diagnostics n = row_count;
  perform philotes.write_audit(p_actor, 'snapshot ' || case when p_paused then 'pause' else 'resume' end, p_reason, jsonb_build_object('source', p_source, 'changed', n));
  return n::text;
end $$;

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_copies_operated() returns void language plpgsql as $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'philotes'::regnamespace
             and p.proname in ('resync_table', 'pause_copies', 'grant_copies_operated') loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_operator') then
    grant execute on function philotes.resync_table(int, text, text, text), philotes.pause_copies(text, boolean, text, text) to philotes_operator;
  end if;
end $$;

select grant_copies_operated();

reset search_path;
