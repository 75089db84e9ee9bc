-- A copy that replaces what is in the lake becomes visible in one commit: its truncate and its rows are claimed together, when the last row is in the buffer. Only
-- when such copies alone fill the buffer's budget, and nothing could go on, is one of them claimed in parts.
set search_path = philotes, pg_catalog;

-- claim_bytes of a copy that is not claimed in parts.
create function never_bytes() returns bigint language sql immutable as 'select 9223372036854775807';

-- As before, and: a copy that replaces is not claimed in parts.
create or replace function copy_start(p_table int, p_attempt int, p_snapshot int, p_schema int, p_claim_bytes bigint, p_rows bigint, p_ranges jsonb)
returns boolean language plpgsql as $$
declare t philotes.table_copy; v_point pg_lsn;
begin
  select point into v_point from philotes.copy_snapshot where snapshot_id = p_snapshot;
  select * into t from philotes.table_copy where table_id = p_table for update;
  if v_point is null or t.attempt <> p_attempt or t.state <> 'waiting' then return false; end if;
  if t.again then
    if (select s.durable_lsn < v_point from philotes.source s join philotes.source_table x using (source_id) where x.table_id = p_table) then
      return false;
    end if;
    perform philotes.copy_pass_held(p_table, v_point, true);
  end if;
  update philotes.table_copy set state = 'copying', snapshot_id = p_snapshot, point = v_point, schema_id = p_schema,
         claim_bytes = case when t.again and t.predicate is null then philotes.never_bytes() else p_claim_bytes end,
         rows_expected = p_rows, bytes_expected = (select sum((x->>'bytes')::bigint) from jsonb_array_elements(p_ranges) x),
         started_at = clock_timestamp(), error_code = null, error_text = null, next_try_at = null
   where table_id = p_table;
  delete from philotes.copy_range where table_id = p_table;
  if t.again and t.predicate is null then
    insert into philotes.copy_range (table_id, attempt, ordinal) values (p_table, p_attempt, 0);
  end if;
  insert into philotes.copy_range (table_id, attempt, ordinal, relation_oid, first_block, end_block, bytes)
  select p_table, p_attempt, n, (x->>'relation')::oid, (x->>'first')::bigint, (x->>'end')::bigint, (x->>'bytes')::bigint
    from jsonb_array_elements(p_ranges) with ordinality as r(x, n);
  return true;
end $$;

-- As before, and: a copy that replaces is one batch, however large; changes that were published before a copy do not wait for it.
create or replace function claim_batch(p_worker text, p_max_rows bigint, p_max_bytes bigint, p_lease interval,
                                       p_min_rows bigint default 1, p_max_age interval default '0')
returns setof philotes.batch language plpgsql
set enable_bitmapscan = off set enable_seqscan = off set cursor_tuple_fraction = 0.001 as $$
declare b philotes.batch; c philotes.table_cursor; v_copy_bytes bigint; v_to bigint; v_schema int; v_copied boolean; r record;
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
     and case when h.held and coalesce((select q.copied from philotes.chunk q where q.table_id = k.table_id and q.table_seq = k.claimed_seq + 1), true)
              then (select coalesce(sum(q.byte_count), 0) from philotes.chunk q where q.table_id = k.table_id and q.table_seq > k.claimed_seq)
                   >= (select y.claim_bytes from philotes.table_copy y where y.table_id = k.table_id)
              else h.rows_in - k.rows_out >= coalesce(k.min_rows, p_min_rows)
                   or h.bytes_in - k.bytes_out >= k.min_bytes
                   or coalesce((select min(q.last_ts) from philotes.chunk q
                                 where q.table_id = k.table_id and q.table_seq = k.claimed_seq + 1), now()) <= clock_timestamp() - coalesce(k.max_age, p_max_age) end
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
  select greatest(p_max_bytes, coalesce((select y.claim_bytes from philotes.table_copy y where y.table_id = c.table_id and y.claim_bytes = philotes.never_bytes()), 0))
    into v_copy_bytes;
  for r in select q.table_seq, q.schema_id, q.tx_open, q.row_count, q.byte_count, q.copied
             from philotes.chunk q
            where q.table_id = c.table_id and q.table_seq > c.claimed_seq order by q.table_seq
  loop
    exit when v_schema is not null and (r.schema_id <> v_schema or r.copied <> v_copied);
    v_rows := v_rows + case when r.copied then 0 else r.row_count end; v_bytes := v_bytes + r.byte_count;
    exit when v_to is not null and (v_rows > coalesce(c.max_rows, p_max_rows) or v_bytes > case when r.copied then v_copy_bytes else coalesce(c.max_bytes, p_max_bytes) end);
    v_schema := r.schema_id; v_copied := r.copied;
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

-- Copied rows that nobody may claim yet fill the budget, so that no copy can go on: the largest of those copies is claimed in parts from now on, of p_claim bytes,
-- or whatever there is if that does not help. Returns its table; null when copies go on.
create function copy_relieve(p_source int, p_budget bigint, p_claim bigint) returns int language plpgsql as $$
declare v_table int; v_bytes bigint;
begin
  with waits as (
    select c.table_id, sum(q.byte_count) as bytes
      from philotes.table_copy c
      join philotes.source_table t using (table_id)
      join philotes.table_cursor k using (table_id)
      join philotes.chunk q on q.table_id = c.table_id and q.table_seq > k.claimed_seq and q.copied
     where t.source_id = p_source and c.state in ('waiting', 'copying')
     group by c.table_id, c.claim_bytes
    having sum(q.byte_count) < c.claim_bytes
  )
  select table_id, sum(bytes) over () into v_table, v_bytes from waits order by bytes desc limit 1;
  if v_table is null or v_bytes < p_budget then return null; end if;
  update philotes.table_copy set claim_bytes = case when claim_bytes > p_claim then p_claim else 1 end where table_id = v_table;
  return v_table;
end $$;

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_copies_that_replace() returns void language plpgsql as $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'philotes'::regnamespace
             and p.proname in ('never_bytes', 'copy_relieve', 'grant_copies_that_replace') loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_capture') then
    grant execute on function philotes.copy_relieve(int, bigint, bigint) to philotes_capture;
  end if;
end $$;

select grant_copies_that_replace();

-- What was replaced above lost what these had given it.
select grant_all();

reset search_path;
