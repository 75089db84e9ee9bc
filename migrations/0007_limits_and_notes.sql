-- Every table has commit limits of its own, in rows, bytes and age: the writer declares them from its configuration, so that a claim keeps them.
-- Bytes need a counter of what is out. And capture can say of a table that it is no longer captured, where status and v_capture show it.

set search_path = philotes, pg_catalog;

alter table source_table add column capture_note text; -- why capture gets no more of it; null while it does

alter table table_cursor
  add column min_rows  bigint, -- null: what the claimer says
  add column min_bytes bigint, -- null: bytes alone never make it due
  add column max_age   interval,
  add column max_rows  bigint,
  add column max_bytes bigint,
  add column bytes_out bigint not null default 0;

update table_cursor k
   set bytes_out = (select coalesce(sum(b.byte_count), 0) from batch b where b.table_id = k.table_id and b.state = 'committed');

-- Sets the limits of the tables named; p_limits: [{"table_id", "min_rows", "min_bytes", "max_age_seconds", "max_rows", "max_bytes"}, …].
create function declare_limits(p_limits jsonb) returns int language plpgsql as $$
declare n int;
begin
  with x as (
    select table_id, min_rows, min_bytes, make_interval(secs => max_age_seconds) as max_age, max_rows, max_bytes
      from jsonb_to_recordset(p_limits) as x(table_id int, min_rows bigint, min_bytes bigint, max_age_seconds double precision, max_rows bigint, max_bytes bigint)
  ), changed as (
    select k.table_id from philotes.table_cursor k join x using (table_id)
     where (k.min_rows, k.min_bytes, k.max_age, k.max_rows, k.max_bytes) is distinct from (x.min_rows, x.min_bytes, x.max_age, x.max_rows, x.max_bytes)
     order by k.table_id for update of k
  )
  update philotes.table_cursor k
     set min_rows = x.min_rows, min_bytes = x.min_bytes, max_age = x.max_age, max_rows = x.max_rows, max_bytes = x.max_bytes
    from x join changed using (table_id) where k.table_id = x.table_id;
  get diagnostics n = row_count;
  return n;
end $$;

-- As before, with the table's own limits in front of the claimer's.
create or replace function claim_batch(p_worker text, p_max_rows bigint, p_max_bytes bigint, p_lease interval,
                                       p_min_rows bigint default 1, p_max_age interval default '0')
returns setof philotes.batch language plpgsql
set enable_bitmapscan = off set enable_seqscan = off set cursor_tuple_fraction = 0.001 as $$
declare b philotes.batch; c philotes.table_cursor; v_to bigint; v_schema int; r record;
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
     and (h.rows_in - k.rows_out >= coalesce(k.min_rows, p_min_rows)
          or h.bytes_in - k.bytes_out >= k.min_bytes
          or coalesce((select min(q.last_ts) from philotes.chunk q
                        where q.table_id = k.table_id and q.table_seq = k.claimed_seq + 1), now()) <= clock_timestamp() - coalesce(k.max_age, p_max_age))
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
  for r in select q.table_seq, q.schema_id, q.tx_open, q.row_count, q.byte_count
             from philotes.chunk q
            where q.table_id = c.table_id and q.table_seq > c.claimed_seq order by q.table_seq
  loop
    exit when v_schema is not null and r.schema_id <> v_schema;
    v_rows := v_rows + r.row_count; v_bytes := v_bytes + r.byte_count;
    exit when v_to is not null and (v_rows > coalesce(c.max_rows, p_max_rows) or v_bytes > coalesce(c.max_bytes, p_max_bytes));
    v_schema := r.schema_id;
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

create or replace function finish_batch(p_batch bigint, p_token bigint, p_snapshot bigint) returns void language plpgsql as $$
declare b philotes.batch; n int;
begin
  update philotes.batch set state = 'committed', committed_at = clock_timestamp(), snapshot_id = p_snapshot,
         error_code = null, error_text = null
   where batch_id = p_batch and claim_token = p_token and state = 'committing' returning * into b;
  if not found then raise exception 'fenced: batch % token %', p_batch, p_token using errcode = 'PH001'; end if;
  update philotes.table_cursor set committed_seq = b.to_seq, committed_lsn = b.last_lsn, committed_ts = b.last_ts,
         rows_out = rows_out + b.row_count, bytes_out = bytes_out + b.byte_count, snapshot_id = p_snapshot
   where table_id = b.table_id and committed_seq = b.from_seq - 1;
  get diagnostics n = row_count;
  if n <> 1 then raise exception 'out of order: batch % of table %', p_batch, b.table_id using errcode = 'PH003'; end if;
end $$;

-- A rewind is rare: the counter follows it from the batches that stay committed.
create function recount_bytes_out() returns trigger language plpgsql as $$
begin
  new.bytes_out := coalesce((select sum(byte_count) from philotes.batch where table_id = new.table_id and state = 'committed'), 0);
  return new;
end $$;
create trigger rewound before update of committed_seq on table_cursor for each row
  when (new.committed_seq < old.committed_seq) execute function recount_bytes_out();

-- Tables of which capture gets nothing more, and why.
create view v_capture as
select s.name as source, t.schema_name, t.table_name, t.incarnation, t.capture_note
  from philotes.source_table t join philotes.source s using (source_id) where t.capture_note is not null;

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_limits() returns void language plpgsql as $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'philotes'::regnamespace
             and p.proname in ('declare_limits', 'claim_batch', 'finish_batch', 'grant_limits') loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_capture') then
    grant update (capture_note) on philotes.source_table to philotes_capture;
  end if;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_writer') then
    grant execute on function philotes.declare_limits(jsonb) to philotes_writer;
  end if;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_reader') then
    grant select on philotes.v_capture to philotes_reader;
  end if;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_operator') then
    grant select on philotes.v_capture to philotes_operator;
  end if;
end $$;

select grant_limits();

reset search_path;
