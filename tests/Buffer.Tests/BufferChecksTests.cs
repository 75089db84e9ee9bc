using Npgsql;
using Philotes.Testing;

namespace Philotes.Buffer.Tests;

/// <summary>Each check of <c>philotes doctor</c> at the buffer finds what it is for, and says how to repair it.</summary>
internal sealed class BufferChecksTests
{
    private static readonly BufferLimits Generous = new(TimeSpan.Zero, TimeSpan.FromHours(72), 300L << 30);

    [Test]
    public async Task What_would_lose_commits_or_fill_the_buffer_is_found()
    {
        var connection = await BufferServer.Instance.CreateDatabaseAsync();
        await using var buffer = NpgsqlDataSource.Create(connection);
        await new SchemaMigrator(buffer).UpAsync();
        await using (var command = buffer.CreateCommand($"""
            alter database "{new NpgsqlConnectionStringBuilder(connection).Database}" set synchronous_commit = off;
            insert into philotes.source (name, slot_name, publication_name) values ('shop', 's', 'p');
            insert into philotes.source_table (source_id, relation_oid, schema_name, table_name) select source_id, 16400, 'public', 'orders' from philotes.source;
            insert into philotes.table_cursor (table_id, state, state_reason) select table_id, 'blocked', 'PH201' from philotes.source_table;
            """))
            await command.ExecuteNonQueryAsync();
        await using var anew = NpgsqlDataSource.Create(connection);
        var found = await FoundAsync(anew, Generous);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found, Has.One.StartsWith("DR21 fail synchronous_commit is off | alter system set synchronous_commit = on;"));
            Assert.That(found, Has.One.StartsWith("DR25 warn table public.orders is blocked: PH201 | philotes explain PH201; then philotes tables resume public.orders --yes"));
            Assert.That(found.Where(finding => finding.Contains(" skip ", StringComparison.Ordinal)), Is.Empty);
        }
    }

    [Test]
    public async Task Roles_that_are_missing_or_may_nothing_are_found_and_a_server_that_is_too_old()
    {
        await using var server = await PostgresServer.StartAsync();
        var database = await server.CreateDatabaseAsync();
        await using var buffer = NpgsqlDataSource.Create(database);
        await new SchemaMigrator(buffer).UpAsync();
        Assert.That((await FoundAsync(buffer, Generous)).Where(line => line.StartsWith("DR20 ", StringComparison.Ordinal)), Has.One.StartsWith("DR20 ok "));
        await ExecuteAsync(buffer, "revoke usage on schema philotes from philotes_writer; drop owned by philotes_reader; drop role philotes_reader");
        var wrong = await FoundAsync(buffer, Generous);
        await ExecuteAsync(buffer, "create schema as_if; create function as_if.current_setting(text) returns text language sql stable as $$ select case $1 when 'server_version_num' then '130014' when 'server_version' then '13.14' when 'data_checksums' then 'off' else pg_catalog.current_setting($1) end $$");
        await using var old = NpgsqlDataSource.Create(AsIf(database));
        var tooOld = await FoundAsync(old, Generous);
        await ExecuteAsync(buffer, "create role philotes_reader nologin; select philotes.grant_all()");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(wrong, Has.One.EqualTo("DR20 warn role philotes_reader does not exist | create role philotes_reader nologin; select philotes.grant_all();"));
            Assert.That(wrong, Has.One.EqualTo("DR20 fail role philotes_writer may not use the schema philotes | select philotes.grant_all(); as the role that owns the schema"));
            Assert.That(tooOld, Has.One.EqualTo("DR21 info data checksums are off | pg_checksums --enable on the stopped buffer"));
            Assert.That(tooOld, Has.One.EqualTo("DR20 fail the buffer is Postgres 13.14 | use Postgres 14 or newer"));
            Assert.That((await FoundAsync(buffer, Generous)).Where(line => line.StartsWith("DR20 ", StringComparison.Ordinal)), Has.One.StartsWith("DR20 ok "), "the remedies repair it");
        }
    }

    [Test]
    public async Task A_server_that_may_lose_what_it_committed_is_found()
    {
        await using var server = await PostgresServer.StartAsync(settings: new Dictionary<string, string> { ["full_page_writes"] = "off", ["max_wal_size"] = "1GB" });
        await using var buffer = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await new SchemaMigrator(buffer).UpAsync();
        var found = await FoundAsync(buffer, Generous);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found, Has.One.EqualTo("DR21 fail fsync is off | alter system set fsync = on; then reload or restart the buffer"));
            Assert.That(found, Has.One.EqualTo("DR21 fail full_page_writes is off | alter system set full_page_writes = on; then reload or restart the buffer"));
            Assert.That(found, Has.One.EqualTo("DR22 warn max_wal_size is 1GB | alter system set max_wal_size = '8GB'; select pg_reload_conf();"));
        }
    }

    [Test, CancelAfter(120_000)]
    public async Task A_standby_that_nobody_waits_for_is_found_unless_the_delay_covers_it(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync();
        await using (var schema = NpgsqlDataSource.Create(await server.CreateDatabaseAsync("buffer")))
            await new SchemaMigrator(schema).UpAsync(cancellationToken);
        await using var standby = await server.StandbyAsync(new Dictionary<string, string> { ["cluster_name"] = "spare" });
        await using var buffer = NpgsqlDataSource.Create(server.ConnectionString("buffer"));
        await Until.TrueAsync(async () => await AnyAsync(buffer, "select exists (select from pg_stat_replication where state = 'streaming')"), () => "streaming", cancellationToken);
        var found = await FoundAsync(buffer, Generous);
        var covered = await FoundAsync(buffer, Generous with { AckDelay = TimeSpan.FromMinutes(1) });
        await ExecuteAsync(buffer, "alter system set synchronous_standby_names = '*'");
        await ExecuteAsync(buffer, "select pg_reload_conf()");
        await Until.TrueAsync(async () => await AnyAsync(buffer, "select exists (select from pg_stat_replication where sync_state = 'sync')"), () => "sync", cancellationToken);
        var waitedFor = await FoundAsync(buffer, Generous);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found, Has.One.StartsWith("DR21 warn commits do not wait for the standby spare, and buffer.ack_delay (0:00:00) does not cover how far it is behind: a failover to it loses changes | buffer.ack_delay: 10s"));
            Assert.That(covered, Has.None.Contains("commits do not wait"));
            Assert.That(waitedFor, Has.None.Contains("commits do not wait"));
        }
    }

    [Test]
    public async Task A_window_that_cannot_be_reached_is_found()
    {
        await using var buffer = await BufferFixture.CreateAsync();
        var (table, schema) = await buffer.TableAsync();
        await buffer.Appender.BeginAsync(buffer.Source.SourceId, "test");
        await buffer.FlushAsync(table, schema, lsn: 10, rows: 5000);
        await buffer.ExecuteAsync("update philotes.chunk set last_ts = clock_timestamp() - interval '1 s'");
        var tooLittle = await FoundAsync(buffer.Db, Generous with { BytesMax = 64 << 20 });
        var enough = await FoundAsync(buffer.Db, Generous with { BytesMax = 64 << 20, ReplayWindow = TimeSpan.FromSeconds(10) });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tooLittle, Has.One.Matches("^DR22 warn at [0-9.]+ MB a second the replay window of 3:0:00:00 needs [0-9.]+ GB, and buffer.max_bytes is 0.1 GB [|] buffer.max_bytes: [0-9]+GiB, with a disk for it; or a shorter buffer.replay_window$"));
            Assert.That(enough, Has.One.StartsWith("DR22 ok the replay window fits"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task What_keeps_retention_from_its_work_is_found(CancellationToken cancellationToken)
    {
        var database = await BufferServer.Instance.CreateDatabaseAsync();
        await using var buffer = NpgsqlDataSource.Create(database);
        await new SchemaMigrator(buffer).UpAsync(cancellationToken);
        await ExecuteAsync(buffer, "call philotes.add_generation(2); create schema as_if; create function as_if.now() returns timestamptz language sql stable as $$ select pg_catalog.now() + interval '11 min' $$");
        await using var reader = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { ApplicationName = "report", Pooling = false }.ConnectionString);
        await reader.OpenAsync(cancellationToken);
        await using var transaction = await reader.BeginTransactionAsync(cancellationToken);
        await using (var reads = new NpgsqlCommand("select count(*) from philotes.event", reader, transaction))
            await reads.ExecuteScalarAsync(cancellationToken);
        var leaf = (await ScalarAsync<string>(buffer, "select inhrelid::regclass::text from pg_inherits where inhparent in (select inhrelid from pg_inherits union select 'philotes.event'::regclass) and not exists (select from pg_partitioned_table where partrelid = inhrelid) order by 1 limit 1"))!;
        var parent = (await ScalarAsync<string>(buffer, $"select inhparent::regclass::text from pg_inherits where inhrelid = '{leaf}'::regclass"))!;
        await using var impatient = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Options = "-c statement_timeout=3000" }.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(async () => await ExecuteAsync(impatient, $"alter table {parent} detach partition {leaf} concurrently"));
        await using var later = NpgsqlDataSource.Create(AsIf(database));
        var found = await FoundAsync(later, Generous);
        await transaction.RollbackAsync(cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused!.SqlState, Is.EqualTo(PostgresErrorCodes.QueryCanceled));
            Assert.That(found, Has.One.EqualTo($"DR23 warn the detach of philotes.{leaf} waits for a reader | philotes retention run --yes, once the reader has ended"));
            Assert.That(found, Has.Some.Matches($"^DR23 warn process {reader.ProcessID} [(]report[)] has a transaction open for 00:11:.* [|] select pg_terminate_backend[(]{reader.ProcessID}[)]; if it may be ended$"));
        }
    }

    private static async Task<T?> ScalarAsync<T>(NpgsqlDataSource buffer, string sql)
    {
        await using var command = buffer.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    private static async Task<bool> AnyAsync(NpgsqlDataSource buffer, string sql) => await ScalarAsync<bool>(buffer, sql);

    private static async Task ExecuteAsync(NpgsqlDataSource buffer, string sql)
    {
        await using var command = buffer.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> FoundAsync(NpgsqlDataSource buffer, BufferLimits limits) =>
        [.. (await BufferChecks.RunAsync(buffer, "s", "p", limits, CancellationToken.None)).Select(finding => $"{finding.Id} {finding.Result} {finding.What} | {finding.Remedy}")];

    /// <summary>With the catalog's names that a test gave another meaning.</summary>
    private static string AsIf(string database) => new NpgsqlConnectionStringBuilder(database) { SearchPath = "as_if, pg_catalog" }.ConnectionString;
}
