-- No Debian package brings pgvector for this server. Types of its names and its texts stand in for it, owned by an extension of its name: that is what tells them.
do $$
declare name text;
begin
  set local allow_system_table_mods = on;
  insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion) values (16000, 'vector', 10, 'public'::regnamespace, true, '0.8.0');
  foreach name in array array['vector', 'halfvec', 'sparsevec'] loop
    execute format('create type %I', name);
    execute format('create function %I(cstring) returns %I language internal immutable strict as ''textin''', name || '_in', name);
    execute format('create function %I(%I) returns cstring language internal immutable strict as ''textout''', name || '_out', name);
    execute format('create type %I (input = %I, output = %I, like = text)', name, name || '_in', name || '_out');
    insert into pg_depend values ('pg_type'::regclass, name::regtype, 0, 'pg_extension'::regclass, 16000, 0, 'e');
  end loop;
end $$;
