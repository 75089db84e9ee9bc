-- The partitions that a captured table had when capture last looked, by their OIDs: one that came with rows, or left with them, is told even when capture
-- was not running then. The rows themselves move without an event.

set search_path = philotes, pg_catalog;

alter table source_table add column partitions jsonb; -- {"16401": "public.orders_2024"}; null: never looked at, or not partitioned

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_partitions() returns void language plpgsql as $$
begin
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_capture') then
    grant update (partitions) on philotes.source_table to philotes_capture;
  end if;
end $$;
revoke all on function grant_partitions() from public;

select grant_partitions();

reset search_path;
