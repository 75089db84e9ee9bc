-- A table that a person asks to have copied again is replaced in one commit, whatever its size: its rows do not count against the budget of copies, and none of them is claimed in parts.
-- When its snapshot is lost, what was published of it is taken back, because nobody has claimed it: readers never see a part of it.
set search_path = philotes, pg_catalog;

alter table table_copy add column whole boolean not null default false;

-- As before, and: without a predicate the copy is whole.
create or replace function copy_ask(p_table int, p_predicate text) returns void language plpgsql as $$
begin
  update philotes.table_head set held = true where table_id = p_table;
  insert into philotes.table_copy as t (table_id, attempt, again, predicate, whole)
  select p_table, 2, k.committed_seq > 0 or h.head_seq > 0, p_predicate, p_predicate is null and (k.committed_seq > 0 or h.head_seq > 0)
    from philotes.table_head h join philotes.table_cursor k using (table_id) where h.table_id = p_table
  on conflict (table_id) do update
    set attempt = t.attempt + 1, state = 'waiting', again = t.again or excluded.again, predicate = excluded.predicate, whole = excluded.whole, grows = true, snapshot_id = null, point = null,
        asked_at = clock_timestamp(), started_at = null, finished_at = null, finished_seq = null, error_code = null, error_text = null, next_try_at = null;
end $$;

-- As before, and: copies that are whole stay so.
create or replace function copy_relieve(p_source int, p_budget bigint, p_claim bigint) returns int language plpgsql as $$
declare v_table int; v_bytes bigint; v_blocked bigint;
begin
  with waits as (
    select c.table_id, sum(q.byte_count) as bytes
      from philotes.table_copy c
      join philotes.source_table t using (table_id)
      join philotes.table_cursor k using (table_id)
      join philotes.chunk q on q.table_id = c.table_id and q.table_seq > k.claimed_seq and q.copied
     where t.source_id = p_source and c.state in ('waiting', 'copying') and k.state = 'active' and not c.whole
     group by c.table_id, c.claim_bytes
    having sum(q.byte_count) < c.claim_bytes
  )
  select table_id, sum(bytes) over () into v_table, v_bytes from waits order by bytes desc limit 1;
  if v_table is null then return null; end if;
  select coalesce(sum(q.byte_count), 0) into v_blocked
    from philotes.table_copy c
    join philotes.table_cursor k using (table_id)
    join philotes.chunk q on q.table_id = c.table_id and q.table_seq > k.committed_seq and q.copied
   where k.state <> 'active' and not c.whole and (c.finished_seq is null or k.committed_seq < c.finished_seq);
  if v_bytes + v_blocked < p_budget then return null; end if;
  update philotes.table_copy set claim_bytes = case when claim_bytes > p_claim then p_claim else 1 end where table_id = v_table;
  return v_table;
end $$;

-- As before, and: what was published of a copy that is whole is taken back. It is the end of the table's chunks: its changes are held meanwhile.
create or replace function copy_restart(p_table int, p_attempt int, p_code text, p_text text) returns void language plpgsql as $$
declare k philotes.table_cursor; t philotes.table_copy; v_seq bigint;
begin
  select * into k from philotes.table_cursor where table_id = p_table for update;
  select * into t from philotes.table_copy where table_id = p_table for update;
  if t.attempt <> p_attempt or t.state <> 'copying' then return; end if;
  if t.whole and t.claim_bytes = philotes.never_bytes() then
    perform 1 from philotes.table_head where table_id = p_table for update;
    select greatest(k.claimed_seq, coalesce(max(c.table_seq) filter (where not c.copied), 0)) into v_seq from philotes.chunk c where c.table_id = p_table and c.table_seq > k.claimed_seq;
    with gone as (delete from philotes.chunk c where c.table_id = p_table and c.table_seq > v_seq returning c.row_count, c.byte_count)
    update philotes.table_head h set head_seq = v_seq, rows_in = h.rows_in - g.rows, bytes_in = h.bytes_in - g.bytes
      from (select sum(row_count) as rows, sum(byte_count) as bytes from gone having count(*) > 0) g
     where h.table_id = p_table;
  end if;
  update philotes.table_copy c
     set attempt = c.attempt + 1, state = 'waiting', snapshot_id = null, point = null, started_at = null, error_code = p_code, error_text = p_text, next_try_at = null,
         again = c.again or exists (select 1 from philotes.copy_range r where r.table_id = p_table and r.attempt = p_attempt and r.row_count > 0)
   where c.table_id = p_table;
end $$;

-- What was replaced above lost what these had given it.
select grant_all();

reset search_path;
