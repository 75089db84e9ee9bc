-- Rows that only the lake has cannot be copied from the source: a copy of some rows may name keys beside them, which are deleted in the lake at the copy's point,
-- unless the source has the row there after all.

set search_path = philotes, pg_catalog;

alter table table_copy add column gone jsonb;           -- [{"key column": "text"}, …]
alter table table_copy add column gone_attempt int;     -- the attempt that they belong to

-- Returns the state that the table's copy was in before; null when it never had one.
create function resync_rows(p_table int, p_predicate text, p_gone jsonb, p_actor text, p_reason text) returns text language plpgsql as $$
declare v_before text;
begin
  select state into v_before from philotes.table_copy where table_id = p_table for update;
  perform philotes.copy_ask(p_table, p_predicate);
  update philotes.table_copy set gone = p_gone, gone_attempt = attempt where table_id = p_table;
  perform philotes.write_audit(p_actor, 'tables resync', p_reason,
    jsonb_build_object('table_id', p_table, 'before', v_before, 'where', p_predicate, 'gone', p_gone));
  return v_before;
end $$;

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_rows_that_are_gone() returns void language plpgsql as $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'philotes'::regnamespace
             and p.proname in ('resync_rows', 'grant_rows_that_are_gone') loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_operator') then
    grant execute on function philotes.resync_rows(int, text, jsonb, text, text) to philotes_operator;
  end if;
end $$;

select grant_rows_that_are_gone();

reset search_path;
