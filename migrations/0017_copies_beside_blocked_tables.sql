-- A blocked or paused table keeps its copied rows in the budget until somebody resumes it: a copy that replaces must not wait for that.
set search_path = philotes, pg_catalog;

-- As before, and: what belongs to tables that nobody may claim from counts as waiting too.
create or replace function copy_relieve(p_source int, p_budget bigint, p_claim bigint) returns int language plpgsql as $$
declare v_table int; v_bytes bigint; v_blocked bigint;
begin
  with waits as (
    select c.table_id, sum(q.byte_count) as bytes
      from philotes.table_copy c
      join philotes.source_table t using (table_id)
      join philotes.table_cursor k using (table_id)
      join philotes.chunk q on q.table_id = c.table_id and q.table_seq > k.claimed_seq and q.copied
     where t.source_id = p_source and c.state in ('waiting', 'copying') and k.state = 'active'
     group by c.table_id, c.claim_bytes
    having sum(q.byte_count) < c.claim_bytes
  )
  select table_id, sum(bytes) over () into v_table, v_bytes from waits order by bytes desc limit 1;
  if v_table is null then return null; end if;
  select coalesce(sum(q.byte_count), 0) into v_blocked
    from philotes.table_copy c
    join philotes.table_cursor k using (table_id)
    join philotes.chunk q on q.table_id = c.table_id and q.table_seq > k.committed_seq and q.copied
   where k.state <> 'active' and (c.finished_seq is null or k.committed_seq < c.finished_seq);
  if v_bytes + v_blocked < p_budget then return null; end if;
  update philotes.table_copy set claim_bytes = case when claim_bytes > p_claim then p_claim else 1 end where table_id = v_table;
  return v_table;
end $$;

-- What was replaced above lost what this had given it.
select grant_copies_that_replace();

reset search_path;
