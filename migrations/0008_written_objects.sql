-- Every object that a batch may have written, by name, before it is written. What its snapshot refers to leaves the list when the batch is
-- finished; what stays of a finished batch is an orphan, exactly and by name: no listing of the store and no age takes part.

set search_path = philotes, pg_catalog;

create table written_object (
  batch_id    bigint not null references batch,
  uri         text   not null,
  claim_token bigint not null,                 -- which attempt
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (batch_id, uri)
);

-- False when the batch is no longer this token's: then nothing may be written.
create function announce_objects(p_batch bigint, p_token bigint, p_uris text[]) returns boolean language plpgsql as $$
begin
  perform 1 from philotes.batch where batch_id = p_batch and claim_token = p_token and state in ('claimed','committing');
  if not found then return false; end if;
  insert into philotes.written_object (batch_id, uri, claim_token) select p_batch, u, p_token from unnest(p_uris) as u
  on conflict (batch_id, uri) do update set claim_token = excluded.claim_token, recorded_at = clock_timestamp();
  return true;
end $$;

-- These are no orphans: a snapshot refers to them, or they are gone. Only of batches that are over; returns how many left the list.
create function release_objects(p_batch bigint, p_uris text[]) returns int language plpgsql as $$
declare n int;
begin
  delete from philotes.written_object w using philotes.batch b
   where w.batch_id = p_batch and b.batch_id = p_batch and b.state in ('committed','rewound') and w.uri = any(p_uris);
  get diagnostics n = row_count;
  return n;
end $$;

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_written_objects() returns void language plpgsql as $$
declare r text; f regprocedure;
begin
  foreach f in array array['philotes.announce_objects(bigint, bigint, text[])', 'philotes.release_objects(bigint, text[])']::regprocedure[] loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  for r in select rolname from pg_catalog.pg_roles where rolname in ('philotes_writer', 'philotes_reader', 'philotes_operator') loop
    execute format('grant select on philotes.written_object to %I', r);
    if r = 'philotes_writer' then
      execute format('grant execute on function philotes.announce_objects(bigint, bigint, text[]) to %I', r);
    end if;
    if r in ('philotes_writer', 'philotes_operator') then
      execute format('grant execute on function philotes.release_objects(bigint, text[]) to %I', r);
    end if;
  end loop;
end $$;
revoke all on function grant_written_objects() from public;

select grant_written_objects();

reset search_path;
