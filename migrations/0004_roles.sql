-- Who may do what. The roles are made where the migrating user may make them; where it may not, an administrator makes the missing ones
-- and then runs `select philotes.grant_roles()`. The owner of the schema is whoever runs the migrations and retention.
--
--   philotes_capture    appends events, takes and moves the fence, enters tables and schemas; claims and changes nothing else
--   philotes_writer     reads events, moves its own batches through their functions; writes no event and no cursor
--   philotes_reader     reads everything
--   philotes_operator   reads everything, rewinds a table through its function

create function philotes.grant_roles() returns void language plpgsql as $$
declare f regprocedure; r text; g int;
begin
  foreach r in array array['philotes_capture', 'philotes_writer', 'philotes_reader', 'philotes_operator'] loop
    begin
      if not exists (select 1 from pg_catalog.pg_roles where rolname = r) then
        execute format('create role %I nologin', r);
      end if;
    exception
      when duplicate_object or unique_violation then null; -- another database of this cluster was first
      when insufficient_privilege then raise notice 'role % is missing and could not be created', r;
    end;
  end loop;

  for f in select p.oid::regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'philotes'::regnamespace
             and p.proname in ('capture_begin', 'capture_flush', 'summarize_generation', 'claim_batch', 'renew_lease', 'stage_batch',
                               'finish_batch', 'fail_batch', 'commit_turn', 'park_events', 'record_value_exceptions', 'rewind_table') loop
    execute format('alter function %s security definer', f);
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  revoke all on function philotes.grant_roles() from public;
  revoke all on procedure philotes.add_generation(int) from public;

  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_capture') then
    grant usage on schema philotes to philotes_capture;
    grant select on philotes.schemaversions, philotes.schemaversions_hash, philotes.source, philotes.source_table, philotes.table_schema,
                    philotes.generation, philotes.table_head, philotes.table_cursor, philotes.chunk to philotes_capture;
    grant insert (name, slot_name, publication_name, current_gen, capture_gen) on philotes.source to philotes_capture;
    grant update (system_identifier, timeline, slot_name, publication_name, state, state_reason) on philotes.source to philotes_capture;
    grant insert on philotes.source_table, philotes.table_schema, philotes.table_head, philotes.table_cursor to philotes_capture;
    grant execute on function philotes.capture_begin(int, text), philotes.capture_flush(int, bigint, pg_lsn, pg_lsn, jsonb, int),
                              philotes.summarize_generation(int) to philotes_capture;
  end if;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_writer') then
    grant usage on schema philotes to philotes_writer;
    grant select on philotes.schemaversions, philotes.schemaversions_hash, philotes.source, philotes.source_table, philotes.table_schema,
                    philotes.generation, philotes.chunk, philotes.event, philotes.batch, philotes.table_head, philotes.table_cursor,
                    philotes.dead_letter, philotes.value_exception to philotes_writer;
    grant execute on function philotes.claim_batch(text, bigint, bigint, interval, bigint, interval),
                              philotes.renew_lease(bigint, bigint, interval), philotes.stage_batch(bigint, bigint, jsonb, bigint, uuid),
                              philotes.finish_batch(bigint, bigint, bigint), philotes.commit_turn(bigint, bigint),
                              philotes.fail_batch(bigint, bigint, text, text, interval, boolean), philotes.park_events(bigint, bigint, jsonb),
                              philotes.record_value_exceptions(bigint, bigint, jsonb) to philotes_writer;
  end if;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_reader') then
    grant usage on schema philotes to philotes_reader;
    grant select on all tables in schema philotes to philotes_reader;
  end if;
  if exists (select 1 from pg_catalog.pg_roles where rolname = 'philotes_operator') then
    grant usage on schema philotes to philotes_operator;
    grant select on all tables in schema philotes to philotes_operator;
    grant execute on function philotes.rewind_table(int, bigint, text) to philotes_operator;
  end if;
  -- the leaves that exist already get what later ones get when they are made
  for g in select gen from philotes.generation where dropped_at is null loop
    call philotes.add_generation(g);
  end loop;
end $$;

select philotes.grant_roles();
