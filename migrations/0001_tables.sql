-- The buffer's tables: what capture appends, what the batch writers claim, what operators read.
--
-- Events are immutable and are reached only through the chunk directory: the commit that inserts the chunk rows and moves
-- source.durable_lsn makes them visible, all or none. Nothing is marked per event: how far a table is written is one number in
-- table_cursor, which batch holds an event is a range in batch, and v_event computes both for whoever asks.
-- Retention drops whole generations and never deletes a row.
--
-- The schema philotes is made by the migrator, whose journal lives in it. Its owner is whoever runs the migrations.
set search_path = philotes, pg_catalog;

-- 1. one row per slot: capture's fence and watermark -------------------------
create table source (
  source_id         int generated always as identity primary key,
  name              text   not null unique check (name ~ '^[a-z][a-z0-9_]{0,40}$'),
  system_identifier text,                      -- IDENTIFY_SYSTEM.systemid
  timeline          int,
  slot_name         name   not null,
  publication_name  name   not null,
  capture_epoch     bigint not null default 0, -- fencing token, +1 at every capture start
  capture_owner     text,
  durable_lsn       pg_lsn not null default '0/0', -- every txn with end_lsn <= this is in the buffer
  last_chunk        bigint not null default 0,     -- dense, gap-free
  current_gen       int    not null default 1,     -- where new chunks go; retention moves it, capture reads it at each flush
  capture_gen       int    not null default 1,     -- lowest generation that holds or may get chunks not yet published
  state             text   not null default 'new'
                    check (state in ('new','snapshot','streaming','paused','blocked','lost')),
  state_reason      text,
  durable_at        timestamptz,
  check (capture_gen <= current_gen)
) with (fillfactor = 50);

-- 2. tables and their versioned schemas --------------------------------------
create table source_table (
  table_id     int generated always as identity primary key,
  source_id    int  not null references source,
  relation_oid oid  not null,
  schema_name  text not null,
  table_name   text not null,
  incarnation  int  not null default 1,        -- +1 when dropped and recreated (new oid, same name)
  unique (source_id, relation_oid, incarnation)
);
create table table_schema (
  schema_id    int generated always as identity primary key,
  table_id     int    not null references source_table,
  fingerprint  bytea  not null,                -- sha-256 of all that follows but valid_from and relation_msg
  valid_from   pg_lsn not null,                -- where it was first seen
  relation_msg bytea  not null,                -- raw pgoutput 'R' message
  relation_oid oid    not null,
  schema_name  text   not null,
  table_name   text   not null,
  replica_identity "char" not null,            -- d i f n
  column_names text[] not null,
  column_types text[] not null,
  key_columns  text[] not null,
  unique (table_id, fingerprint),
  check (cardinality(column_names) = cardinality(column_types))
);

-- 3. generations = the unit of retention ---------------------------------------
create table generation (
  gen        int primary key,
  created_at timestamptz not null default clock_timestamp(),
  sealed_at  timestamptz,
  dropped_at timestamptz,
  pinned_by  text                              -- a replay or an operator hold
);

-- 4. immutable events; never UPDATEd, never DELETEd -----------------------------
create table event (
  gen        int         not null,
  chunk      bigint      not null,             -- the only way to reach an event
  ord        int         not null,             -- order inside the chunk
  op         "char"      not null,             -- r i u d t m
  commit_lsn pg_lsn      not null,
  tx_seq     bigint      not null,             -- order inside the source transaction
  xid        bigint      not null,
  commit_ts  timestamptz not null,
  old_row    bytea,                            -- raw pgoutput tuple (K or O image)
  new_row    bytea                             -- raw pgoutput tuple (N image)
) partition by list (gen);

-- 5. the directory: one row per (flush, table); THIS commit makes events visible --
create table chunk (
  gen        int         not null,
  source_id  int         not null,
  chunk      bigint      not null,             -- dense per source, commit order
  table_id   int         not null,
  table_seq  bigint      not null,             -- dense per table: 1,2,3...
  schema_id  int         not null,
  first_lsn  pg_lsn      not null,
  last_lsn   pg_lsn      not null,
  last_ts    timestamptz not null,
  row_count  int         not null check (row_count > 0),
  byte_count bigint      not null,
  tx_open    boolean     not null default false, -- last source txn continues in the next chunk
  crc32c     bigint,
  primary key (source_id, chunk, gen),
  unique (table_id, table_seq, gen)            -- column order matters: lookups have no gen
) partition by list (gen);

-- 6. two cursors per table so that capture and writers never share a row lock -----
create table table_head (                      -- written by capture only
  table_id  int primary key references source_table,
  head_seq  bigint not null default 0,
  head_lsn  pg_lsn,
  head_ts   timestamptz,
  rows_in   bigint not null default 0,
  bytes_in  bigint not null default 0
) with (fillfactor = 50);
create table table_cursor (                    -- written by writers only
  table_id      int primary key references source_table,
  claimed_seq   bigint not null default 0,
  committed_seq bigint not null default 0,
  committed_lsn pg_lsn,
  committed_ts  timestamptz,
  rows_out      bigint not null default 0,
  snapshot_id   bigint,
  max_in_flight int    not null default 1,
  state         text   not null default 'active'
                check (state in ('active','paused','blocked','resync','dropped')),
  state_reason  text,
  check (committed_seq <= claimed_seq)
) with (fillfactor = 50);

-- 7. the batch ledger --------------------------------------------------------------
create sequence claim_token_seq;
create table batch (
  batch_id    bigint generated always as identity primary key,
  table_id    int    not null references source_table,
  from_seq    bigint not null,
  to_seq      bigint not null check (to_seq >= from_seq),
  schema_id   int    not null,
  state       text   not null check (state in ('claimed','committing','committed','failed','dead','rewound')),
  claim_token bigint not null,
  claimed_by  text   not null,
  claimed_at  timestamptz not null,
  lease_until timestamptz not null,
  attempt     int    not null default 1,
  next_try_at timestamptz,
  row_count   bigint not null,
  byte_count  bigint not null,
  last_lsn    pg_lsn not null,
  last_ts     timestamptz not null,
  files       jsonb,                           -- written BEFORE the catalog commit is sent
  snapshot_id bigint,                          -- chosen BEFORE the catalog commit is sent
  request_id  uuid,                            -- Idempotency-Key of the commit
  committed_at timestamptz,
  error_code  text,
  error_text  text
);
create unique index batch_range on batch (table_id, from_seq) where state <> 'rewound';
create index batch_live on batch (table_id, from_seq) where state not in ('committed','rewound');

-- 8. parked events and operator actions -----------------------------------------------
create table dead_letter (
  table_id int not null, gen int not null, chunk bigint not null, ord int not null,
  batch_id bigint not null, parked_at timestamptz not null default clock_timestamp(),
  error_code text not null, error_text text not null,
  key_hash bytea,                              -- later events of this key are parked too
  resolution text check (resolution in ('retry','skip','rewritten')), resolved_at timestamptz, resolved_by text,
  primary key (table_id, chunk, ord)
);
create table value_exception (                 -- values that the lake's column could not hold, and what was written instead of a silent change
  table_id    int    not null references source_table,
  gen         int    not null,
  chunk       bigint not null,
  ord         int    not null,
  commit_lsn  pg_lsn not null,
  tx_seq      bigint not null,
  column_name text   not null,
  original    text   not null,                 -- the source's text
  code        text   not null,
  batch_id    bigint not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (table_id, chunk, ord, column_name)
);
create table audit (
  at timestamptz not null default clock_timestamp(), actor text not null default session_user,
  action text not null, detail jsonb not null
);

reset search_path;
