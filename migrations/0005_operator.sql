-- What a person may change, each as one function that checks, changes and writes down who did it and why, in one transaction. The role
-- philotes_operator may call them and nothing else; none of it needs a superuser.

set search_path = philotes, pg_catalog;

alter table audit add column audit_id bigint generated always as identity;
alter table audit add column reason text;

-- Called by the functions below only: nobody is granted it.
create function write_audit(p_actor text, p_action text, p_reason text, p_detail jsonb) returns void language sql as $$
  insert into philotes.audit(actor, action, reason, detail)
  values (p_actor || ' as ' || session_user, p_action, p_reason, p_detail);
$$;

-- paused: no batch of the table is claimed any more; one that is in flight ends. active: claimed again, and what was given up is due at once.
create function set_table_state(p_table int, p_state text, p_actor text, p_reason text) returns text language plpgsql as $$
declare k philotes.table_cursor; n int := 0;
begin
  select * into k from philotes.table_cursor where table_id = p_table for update;
  if not found then raise exception 'there is no table %', p_table using errcode = 'PH014'; end if;
  if p_state not in ('active', 'paused') or k.state not in ('active', 'paused', 'blocked') then
    raise exception 'a table that is % cannot be made %', k.state, p_state using errcode = 'PH014';
  end if;
  update philotes.table_cursor
     set state = p_state, state_reason = case when p_state = 'paused' then p_reason end
   where table_id = p_table;
  if p_state = 'active' then
    update philotes.batch set state = 'failed', next_try_at = clock_timestamp() where table_id = p_table and state in ('dead', 'failed');
    get diagnostics n = row_count;
  end if;
  perform philotes.write_audit(p_actor, 'tables ' || case p_state when 'paused' then 'pause' else 'resume' end, p_reason,
    jsonb_build_object('table_id', p_table, 'before', k.state, 'after', p_state, 'batches_due', n));
  return k.state;
end $$;

-- A batch that failed or was given up is due now, and its table goes on. Encoding again forgets the staged files, which then are orphans;
-- should their commit still land, the table's mark says so before anything is sent again.
create function retry_batch(p_batch bigint, p_encode_again boolean, p_actor text, p_reason text) returns text language plpgsql as $$
declare b philotes.batch;
begin
  select * into b from philotes.batch where batch_id = p_batch for update;
  if not found then raise exception 'there is no batch %', p_batch using errcode = 'PH014'; end if;
  if b.state not in ('failed', 'dead') then
    raise exception 'batch % is %, not failed', p_batch, b.state using errcode = 'PH014';
  end if;
  update philotes.batch
     set state = 'failed', next_try_at = clock_timestamp(),
         files = case when p_encode_again then null else files end,
         snapshot_id = case when p_encode_again then null else snapshot_id end,
         request_id = case when p_encode_again then null else request_id end
   where batch_id = p_batch;
  update philotes.table_cursor set state = 'active', state_reason = null where table_id = b.table_id and state = 'blocked';
  perform philotes.write_audit(p_actor, 'batches retry', p_reason,
    jsonb_build_object('batch_id', p_batch, 'before', b.state, 'encode_again', p_encode_again, 'error_code', b.error_code, 'files', b.files));
  return b.state;
end $$;

-- Ends a claim: another writer takes the batch at once, and what the old one still sends is refused by its token and by the catalog.
create function release_batch(p_batch bigint, p_actor text, p_reason text) returns text language plpgsql as $$
declare b philotes.batch;
begin
  select * into b from philotes.batch where batch_id = p_batch for update;
  if not found then raise exception 'there is no batch %', p_batch using errcode = 'PH014'; end if;
  if b.state not in ('claimed', 'committing') then
    raise exception 'batch % is %, and nobody has claimed it', p_batch, b.state using errcode = 'PH014';
  end if;
  update philotes.batch set claim_token = nextval('philotes.claim_token_seq'), lease_until = clock_timestamp() - interval '1 ms' where batch_id = p_batch;
  perform philotes.write_audit(p_actor, 'batches release', p_reason,
    jsonb_build_object('batch_id', p_batch, 'claimed_by', b.claimed_by, 'lease_until', b.lease_until));
  return b.claimed_by;
end $$;

-- A pinned generation is not dropped; null takes the pin away. Not while retention withdraws what is to be kept.
create function pin_generation(p_gen int, p_pin text, p_actor text, p_reason text) returns text language plpgsql as $$
declare g philotes.generation;
begin
  perform pg_advisory_xact_lock_shared(x'50484c31'::bigint);
  select * into g from philotes.generation where gen = p_gen for update;
  if not found or g.dropped_at is not null then
    raise exception 'generation % is not there any more', p_gen using errcode = 'PH014';
  end if;
  update philotes.generation set pinned_by = p_pin where gen = p_gen;
  perform philotes.write_audit(p_actor, case when p_pin is null then 'retention unpin' else 'retention pin' end, p_reason,
    jsonb_build_object('generation', p_gen, 'before', g.pinned_by, 'after', p_pin));
  return g.pinned_by;
end $$;

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_operator() returns void language plpgsql as $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'philotes'::regnamespace
             and p.proname in ('write_audit', 'set_table_state', 'retry_batch', 'release_batch', 'pin_generation', 'grant_operator') loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_operator') then
    grant execute on function philotes.set_table_state(int, text, text, text), philotes.retry_batch(bigint, boolean, text, text),
                              philotes.release_batch(bigint, text, text), philotes.pin_generation(int, text, text, text) to philotes_operator;
  end if;
end $$;

select grant_operator();

reset search_path;
