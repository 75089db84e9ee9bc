-- Objects that a repair or a replay may have written are on the list as those of batches are: by name, before they are written. What stays of one
-- that is over, and that no snapshot refers to, is an orphan.

set search_path = philotes, pg_catalog;

alter table written_object drop constraint written_object_pkey;
alter table written_object alter column batch_id drop not null, alter column claim_token drop not null;
alter table written_object add column repair_id bigint references repair;
alter table written_object add column replay_id bigint references replay;
alter table written_object add constraint written_object_one_writer check (num_nonnulls(batch_id, repair_id, replay_id) = 1);
alter table written_object add constraint written_object_of_batch unique (batch_id, uri);
create unique index written_object_of_repair on written_object (repair_id, uri) where repair_id is not null;
create unique index written_object_of_replay on written_object (replay_id, uri) where replay_id is not null;

-- False when the repair is over: then nothing may be written.
create function announce_repair_objects(p_repair bigint, p_uris text[]) returns boolean language plpgsql as $$
begin
  perform 1 from philotes.repair where repair_id = p_repair and state = 'open' for share;
  if not found then return false; end if;
  insert into philotes.written_object (repair_id, uri) select p_repair, u from unnest(p_uris) as u
  on conflict (repair_id, uri) where repair_id is not null do update set recorded_at = clock_timestamp();
  return true;
end $$;

-- False when the replay is over: then nothing may be written.
create function announce_replay_objects(p_replay bigint, p_uris text[]) returns boolean language plpgsql as $$
begin
  perform 1 from philotes.replay where replay_id = p_replay and state = 'running' for share;
  if not found then return false; end if;
  insert into philotes.written_object (replay_id, uri) select p_replay, u from unnest(p_uris) as u
  on conflict (replay_id, uri) where replay_id is not null do update set recorded_at = clock_timestamp();
  return true;
end $$;

-- A snapshot refers to these, or they are gone. Only of repairs and replays that are over; returns how many left the list.
create function release_operation_objects(p_repair bigint, p_replay bigint, p_uris text[]) returns int language plpgsql as $$
declare n int;
begin
  delete from philotes.written_object w
   where w.uri = any(p_uris)
     and (exists (select from philotes.repair r where r.repair_id = p_repair and r.repair_id = w.repair_id and r.state in ('committed', 'cancelled'))
       or exists (select from philotes.replay r where r.replay_id = p_replay and r.replay_id = w.replay_id and r.state in ('done', 'cancelled')));
  get diagnostics n = row_count;
  return n;
end $$;

create or replace function grant_written_objects() returns void language plpgsql as $$
declare r text; f regprocedure;
begin
  foreach f in array array['philotes.announce_objects(bigint, bigint, text[])', 'philotes.release_objects(bigint, text[])',
                           'philotes.announce_repair_objects(bigint, text[])', 'philotes.announce_replay_objects(bigint, text[])',
                           'philotes.release_operation_objects(bigint, bigint, text[])']::regprocedure[] loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  for r in select rolname from pg_catalog.pg_roles where rolname in ('philotes_writer', 'philotes_reader', 'philotes_operator') loop
    execute format('grant select on philotes.written_object to %I', r);
    if r = 'philotes_writer' then
      execute format('grant execute on function philotes.announce_objects(bigint, bigint, text[]) to %I', r);
    end if;
    if r = 'philotes_operator' then
      execute format('grant execute on function philotes.announce_repair_objects(bigint, text[]), philotes.announce_replay_objects(bigint, text[]) to %I', r);
    end if;
    if r in ('philotes_writer', 'philotes_operator') then
      execute format('grant execute on function philotes.release_objects(bigint, text[]), philotes.release_operation_objects(bigint, bigint, text[]) to %I', r);
    end if;
  end loop;
end $$;

select grant_written_objects();

reset search_path;
