using Npgsql;

namespace Philotes.Buffer.Tests;

internal sealed class RoleTests
{
    private BufferFixture _buffer = null!;
    private int _table;
    private int _schema;

    [OneTimeSetUp]
    public async Task CreateAsync()
    {
        _buffer = await BufferFixture.CreateAsync();
        (_table, _schema) = await _buffer.TableAsync();
        await _buffer.ExecuteAsync("call philotes.add_generation(2)");
    }

    [OneTimeTearDown]
    public ValueTask DisposeAsync() => _buffer.DisposeAsync();

    [TestCase("philotes_capture", "update philotes.source set durable_lsn = '9/9'")]
    [TestCase("philotes_capture", "update philotes.event set ord = 1")]
    [TestCase("philotes_capture", "delete from philotes.event_g1")]
    [TestCase("philotes_capture", "insert into philotes.chunk select * from philotes.chunk")]
    [TestCase("philotes_capture", "update philotes.table_cursor set committed_seq = 5")]
    [TestCase("philotes_capture", "select * from philotes.claim_batch('w', 1, 1, '1 s')")]
    [TestCase("philotes_capture", "call philotes.add_generation(9)")]
    [TestCase("philotes_writer", "insert into philotes.event_g1 select * from philotes.event_g1")]
    [TestCase("philotes_writer", "update philotes.table_cursor set committed_seq = 5")]
    [TestCase("philotes_writer", "update philotes.batch set state = 'committed'")]
    [TestCase("philotes_writer", "select philotes.rewind_table(1, 0, 'w')")]
    [TestCase("philotes_writer", "select * from philotes.capture_begin(1, 'w')")]
    [TestCase("philotes_reader", "update philotes.source set state = 'lost'")]
    [TestCase("philotes_reader", "select * from philotes.claim_batch('w', 1, 1, '1 s')")]
    [TestCase("philotes_reader", "select philotes.rewind_table(1, 0, 'r')")]
    [TestCase("philotes_operator", "update philotes.table_cursor set claimed_seq = 0")]
    [TestCase("philotes_operator", "select philotes.grant_roles()")]
    public async Task A_role_may_not(string role, string sql)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => AsAsync(role, sql));

        Assert.That(refused!.SqlState, Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege));
    }

    [TestCase("philotes_capture", "select * from philotes.capture_begin(1, 'c')")]
    [TestCase("philotes_capture", "copy philotes.event_g2 from stdin")]
    [TestCase("philotes_capture", "select philotes.summarize_generation(2)")]
    [TestCase("philotes_writer", "select * from philotes.claim_batch('w', 1, 1, '1 s')")]
    [TestCase("philotes_writer", "select * from philotes.event_g2")]
    [TestCase("philotes_reader", "select * from philotes.v_event")]
    [TestCase("philotes_reader", "select * from philotes.v_table")]
    [TestCase("philotes_reader", "select * from philotes.event_g2")]
    [TestCase("philotes_operator", "select * from philotes.v_batch")]
    public Task A_role_may(string role, string sql) => AsAsync(role, sql);

    [Test]
    public async Task Each_role_can_do_its_whole_work()
    {
        await using var capture = await RoleSourceAsync("philotes_capture");
        var registry = new SourceRegistry(capture);
        var source = await registry.EnsureAsync("own", "slot", "publication");
        var schema = BufferFixture.Schema(500, "own");
        var table = await registry.EnsureTableAsync(source.SourceId, schema);
        var version = await registry.EnsureSchemaAsync(table, schema, new Shared.Lsn(1), default);
        await registry.SetStateAsync(source.SourceId, "streaming", null);
        await registry.RecordIdentityAsync(source.SourceId, "7", 1);
        await registry.NotePartitionsAsync(source.SourceId, 500, new Dictionary<uint, string> { [501] = "public.part" }, [new SchemaNotice("public.part", "PH212", "it came")]);
        Assert.That((await registry.PartitionedAsync(source.SourceId, [500]))[500].Partitions, Is.EqualTo(new Dictionary<uint, string> { [501] = "public.part" }));
        await new SchemaMigrator(capture).RequireCurrentAsync();
        await using var appender = new BufferAppender(capture);
        await appender.BeginAsync(source.SourceId, "c");
        using var chunk = appender.OpenChunk(table, version);
        chunk.Append(Shared.ChangeKind.Insert, new Shared.Lsn(5), 0, 1, 0, default, false, BufferFixture.Tuple("1", "x"), true);
        await appender.FlushAsync([chunk], new Shared.Lsn(5));

        await using var writer = await RoleSourceAsync("philotes_writer");
        var ledger = new BatchLedger(writer);
        var batch = (await ledger.ClaimAsync("w", BufferFixture.Limits))!;
        var rows = 0;
        await new BatchReader(writer).ReadAsync(batch, (in EventRow _) => rows++);
        await ledger.TableAsync(batch.TableId);
        await ledger.ParkAsync(batch, []);
        await ledger.StageAsync(batch, "{}", 1, Guid.NewGuid());
        await ledger.FinishAsync(batch, 1);

        Assert.That(rows, Is.EqualTo(1));
    }

    private async Task<NpgsqlDataSource> RoleSourceAsync(string role)
    {
        var user = $"{role}_user";
        await _buffer.ExecuteAsync($"""
            do $$ begin create role {user} login password 'x' in role {role}; exception when duplicate_object then null; end $$
            """);
        var builder = new NpgsqlConnectionStringBuilder(_buffer.Db.ConnectionString) { Username = user, Password = "x" };
        return NpgsqlDataSource.Create(builder);
    }

    private async Task AsAsync(string role, string sql)
    {
        await using var connection = await _buffer.Db.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var set = new NpgsqlCommand($"set local role {role}", connection, transaction))
        {
            await set.ExecuteNonQueryAsync();
        }

        if (sql.StartsWith("copy", StringComparison.Ordinal))
        {
            await using var copy = await connection.BeginTextImportAsync(sql);
            return;
        }

        await using var command = new NpgsqlCommand(sql, connection, transaction);
        await command.ExecuteNonQueryAsync();
    }
}
