-- The writer encodes copied rows while the copy goes on: a batch of them grows, chunk by chunk, until it is worth a file or nothing comes any more. It is staged with
-- what it has then. A claim that is taken up again after a crash has all that the batch had grown to.
set search_path = philotes, pg_catalog;

-- Whether a batch of the copy is begun before there is a file's worth of rows: until one has waited for rows in vain.
alter table table_copy add column grows boolean not null default true;

-- Copied bytes at which a growing batch is begun.
create function grow_bytes() returns bigint language sql immutable as 'select 16777216::bigint';

-- As before, and: of a copy that may grow, a batch is begun as soon as there is enough to begin with.
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
                   >= (select case when y.grows and y.claim_bytes < philotes.never_bytes() then least(y.claim_bytes, philotes.grow_bytes()) else y.claim_bytes end from philotes.table_copy y where y.table_id = k.table_id)
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

-- A claimed batch takes the copied chunks that follow it, up to the size of the copy's claims. One row: what the batch is now, and whether waiting may bring more. With
-- p_last it has grown for the last time, and so has every batch of this copy. A copy that replaces the lake's rows is claimed whole and does not grow.
-- Raises PH001 when fenced.
create function grow_batch(p_batch bigint, p_token bigint, p_last boolean)
returns table (to_seq bigint, row_count bigint, byte_count bigint, last_lsn pg_lsn, last_ts timestamptz, more boolean) language plpgsql as $$
declare b philotes.batch; c philotes.table_cursor; y philotes.table_copy; v_to bigint; v_bytes bigint; v_full boolean := false; r record;
begin
  select * into b from philotes.batch x where x.batch_id = p_batch and x.claim_token = p_token and x.state = 'claimed' for update;
  if not found then raise exception 'fenced: batch % token %', p_batch, p_token using errcode = 'PH001'; end if;
  select * into c from philotes.table_cursor k where k.table_id = b.table_id for update;
  -- asked before the chunks: rows that are published between the two are seen, or still to come
  select * into y from philotes.table_copy t where t.table_id = b.table_id;
  v_to := b.to_seq; v_bytes := b.byte_count;
  if c.claimed_seq = b.to_seq and y.claim_bytes < philotes.never_bytes()
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

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_growing_batches() returns void language plpgsql as $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'philotes'::regnamespace
             and p.proname in ('grow_bytes', 'grow_batch', 'grant_growing_batches') loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_writer') then
    grant execute on function philotes.grow_batch(bigint, bigint, boolean) to philotes_writer;
  end if;
end $$;

select grant_growing_batches();

-- What was replaced above lost what these had given it.
select grant_all();

reset search_path;
