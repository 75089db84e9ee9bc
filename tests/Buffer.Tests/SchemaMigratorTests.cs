using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer.Tests;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SchemaMigratorTests
{
    private NpgsqlDataSource _db = null!;

    [SetUp]
    public async Task CreateAsync() => _db = NpgsqlDataSource.Create(await BufferServer.Instance.CreateDatabaseAsync());

    [TearDown]
    public ValueTask DisposeAsync() => _db.DisposeAsync();

    [Test]
    public async Task Scripts_run_once_and_in_order()
    {
        var migrator = new SchemaMigrator(_db);
        var before = await migrator.StatusAsync();
        var ran = await migrator.UpAsync();
        var again = await migrator.UpAsync();
        var after = await migrator.StatusAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before.Pending, Is.EqualTo(ran));
            Assert.That(ran, Is.Ordered.And.Not.Empty);
            Assert.That(again, Is.Empty);
            Assert.That(after.IsCurrent, Is.True);
            Assert.That(after.Applied, Is.EqualTo(ran));
        }

        await migrator.RequireCurrentAsync();
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_script_that_met_a_deadlock_is_run_again(CancellationToken cancellationToken)
    {
        await RunAsync(_db, "create table one (); create table other ()");
        await using var busy = await _db.OpenConnectionAsync(cancellationToken);
        await using var transaction = await busy.BeginTransactionAsync(cancellationToken);
        // The script is to be the one that finds the deadlock, and ends.
        await RunAsync(busy, "set local deadlock_timeout = '1h'; lock table other");
        var up = new SchemaMigrator(_db, [SchemaScript.Of("0001_both.sql", "lock table one; lock table other; create table made ()")]).UpAsync(cancellationToken);
        await using var waits = _db.CreateCommand("select count(*) from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())");
        while ((long)(await waits.ExecuteScalarAsync(cancellationToken))! == 0)
            await Task.Delay(10, cancellationToken);
        await RunAsync(busy, "lock table one");
        Assert.That(up.IsCompleted, Is.False);
        await transaction.CommitAsync(cancellationToken);

        Assert.That(await up, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_buffer_that_was_not_migrated_is_refused() => await RefusedAsync(new SchemaMigrator(_db).RequireCurrentAsync, "schema up");

    [Test]
    public async Task A_script_that_changed_after_it_ran_is_refused()
    {
        await new SchemaMigrator(_db, [SchemaScript.Of("0001_a.sql", "create table a (id int)")]).UpAsync();
        var changed = new SchemaMigrator(_db, [SchemaScript.Of("0001_a.sql", "create table a (id bigint)"), SchemaScript.Of("0002_b.sql", "select 1")]);

        await RefusedAsync(token => changed.UpAsync(token), "0001_a.sql");
        await RefusedAsync(changed.RequireCurrentAsync, "0001_a.sql");
    }

    [Test]
    public async Task A_newer_buffer_is_refused()
    {
        var old = SchemaScript.Of("0001_a.sql", "create table a (id int)");
        await new SchemaMigrator(_db, [old, SchemaScript.Of("0002_b.sql", "create table b (id int)")]).UpAsync();

        await RefusedAsync(token => new SchemaMigrator(_db, [old]).UpAsync(token), "0002_b.sql");
    }

    [Test]
    public async Task A_script_that_fails_leaves_nothing_of_itself_and_all_before_it()
    {
        SchemaScript[] scripts =
            [SchemaScript.Of("0001_a.sql", "create table a (id int)"), SchemaScript.Of("0002_b.sql", "create table b (id int); select 1 / 0")];
        var migrator = new SchemaMigrator(_db, scripts);

        await RefusedAsync(token => migrator.UpAsync(token), "0002_b.sql");

        var status = await migrator.StatusAsync();
        await using var command = _db.CreateCommand("select to_regclass('a') is not null and to_regclass('b') is null");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((status.Applied.Single(), status.Pending.Single()), Is.EqualTo(("0001_a.sql", "0002_b.sql")));
            Assert.That(await command.ExecuteScalarAsync(), Is.True);
        }
    }

    [Test]
    public async Task Migrators_that_start_together_run_each_script_once()
    {
        var ran = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => new SchemaMigrator(_db).UpAsync()));

        Assert.That(ran.Sum(scripts => scripts.Count), Is.EqualTo(SchemaScript.All.Count));
    }

    [Test]
    public void Line_ends_do_not_change_a_script() =>
        Assert.That(SchemaScript.Of("a", "x\r\ny").Hash, Is.EqualTo(SchemaScript.Of("a", "x\ny").Hash));

    private static async Task RefusedAsync(Func<CancellationToken, Task> action, string part)
    {
        var refused = await Assert.ThrowsAsync<PhilotesException>(() => action(CancellationToken.None));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused!.Code, Is.EqualTo("PH503"));
            Assert.That(refused.Message, Does.Contain(part));
        }
    }

    private static async Task RunAsync(NpgsqlDataSource db, string sql)
    {
        await using var command = db.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
