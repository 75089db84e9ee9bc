-- Migrations and the removal of orphans are a person's deeds too: the audit takes note of them.
set search_path = philotes, pg_catalog;

-- As before, and: of migrations, and of orphans that were removed.
create or replace function note_change(p_actor text, p_action text, p_reason text, p_detail jsonb) returns void language plpgsql as $$
begin
  if p_action not in ('retention run', 'doctor --fix', 'schema up', 'orphans delete') then
    raise exception 'no note of % is taken', p_action using errcode = 'PH014';
  end if;
  perform philotes.write_audit(p_actor, p_action, p_reason, p_detail);
end $$;

-- What was replaced above lost what this had given it.
select grant_repairs_by_copy();

reset search_path;
