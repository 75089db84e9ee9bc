-- Schema versions as a history: columns with their attribute numbers at the source, versions in the order of the stream (a table that goes back
-- to what it was gets a new version), and what an operator should know about a version.

set search_path = philotes, pg_catalog;

alter table table_schema drop constraint table_schema_table_id_fingerprint_key;
alter table table_schema add column column_numbers int[] not null default '{}';  -- pg_attribute.attnum of each column; empty when unknown
alter table table_schema add column dropped_numbers int[] not null default '{}'; -- of earlier versions' columns, those that the source has dropped
create index table_schema_history on table_schema (table_id, schema_id desc);

create table schema_notice (
  schema_id   int  not null references table_schema,
  column_name text not null,                   -- '' when it is about the table
  code        text not null,                   -- PHnnn
  text        text not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (schema_id, column_name, code)
);

-- To be run again, like grant_roles, after an administrator made roles that the migrating user may not make.
create function grant_schema_history() returns void language plpgsql as $$
declare r text;
begin
  for r in select rolname from pg_catalog.pg_roles where rolname in ('philotes_capture', 'philotes_writer', 'philotes_reader', 'philotes_operator') loop
    execute format('grant select on philotes.schema_notice to %I', r);
    if r in ('philotes_capture', 'philotes_writer') then
      execute format('grant insert on philotes.schema_notice to %I', r);
    end if;
  end loop;
end $$;
revoke all on function grant_schema_history() from public;

select grant_schema_history();

reset search_path;
