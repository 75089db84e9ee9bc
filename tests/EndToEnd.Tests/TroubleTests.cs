using Npgsql;
using Philotes.Buffer;
using Philotes.Testing;

namespace Philotes.EndToEnd.Tests;

/// <summary>What both programs say, and do, when something around them is wrong; and that nothing is lost by it once it is right again.</summary>
[NonParallelizable]
[CancelAfter(300_000)]
public sealed class TroubleTests
{
    private const string Table = "create table t (id int primary key, name text)";

    [TestCase("Capture", "sourcce: {}\n", "sourcce")]
    [TestCase("BatchWriter", "writer: { lease: 30 }\n", "writer.lease")]
    [TestCase("Catalog", "catalog: [ {\n", "is not valid YAML")]
    public async Task A_wrong_configuration_ends_a_program_with_3_and_says_where_it_is_wrong(string project, string yaml, string says, CancellationToken cancellationToken)
    {
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"wrong-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, yaml, cancellationToken);
        await using var program = ProgramProcess.Start(project, file);

        Assert.That(await program.ExitAsync(cancellationToken), Is.EqualTo(3), program.Output);
        Assert.That(program.Output, Does.Contain(file).And.Contain(says));
    }

    [Test]
    public async Task A_wrong_password_is_told_and_tried_again(CancellationToken cancellationToken)
    {
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await using var capture = ProgramProcess.Start("Capture", pipeline.ConfigurationFile, null, "--set", "source.connection.password=wrong");

        await SaysAsync(capture, "PH122", cancellationToken);
        Assert.That(capture.Output, Does.Contain("Correct source.connection.user and password").And.Not.Contain("wrong\""));
        Assert.That(capture.HasExited, Is.False);
    }

    [Test]
    public async Task A_buffer_without_its_schema_stops_capture_and_makes_the_writer_wait(CancellationToken cancellationToken)
    {
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await ExecuteAsync(pipeline.Buffer, "drop schema philotes cascade", cancellationToken);
        pipeline.StartCapture();
        pipeline.StartWriter();

        Assert.That(await pipeline.Capture!.ExitAsync(cancellationToken), Is.EqualTo(6));
        Assert.That(pipeline.Capture.Output, Does.Contain("PH503").And.Contain("Run 'philotes schema up'"));
        await SaysAsync(pipeline.Writer!, "PH503", cancellationToken);

        await new SchemaMigrator(pipeline.Buffer).UpAsync(cancellationToken);
        await pipeline.ExecuteAsync(Table, cancellationToken);
        pipeline.StartCapture();
        await LandsAsync(pipeline, 3, cancellationToken);
    }

    [Test]
    public async Task A_buffer_that_is_down_is_waited_for_by_both(CancellationToken cancellationToken)
    {
        await using var server = await PostgresServer.StartAsync();
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, server, "", cancellationToken);
        await pipeline.ExecuteAsync(Table, cancellationToken);
        pipeline.StartCapture();
        pipeline.StartWriter();
        await pipeline.SlotActiveAsync(cancellationToken);
        await LandsAsync(pipeline, 3, cancellationToken);

        await server.Server.KillAsync();
        await pipeline.ExecuteAsync("insert into t select i, 'while down' from generate_series(4, 6) i", cancellationToken);
        await SaysAsync(pipeline.Capture!, "PH125", cancellationToken);
        await SaysAsync(pipeline.Writer!, "PH505: the buffer could not be asked for batches", cancellationToken);
        await server.CrashAndRestartAsync();
        pipeline.Buffer.Clear();
        await ComesBackAsync(pipeline, cancellationToken);

        await pipeline.CatchUpAsync(cancellationToken);
        Assert.That(await RowsAsync(pipeline, cancellationToken), Is.EqualTo(6));
    }

    [Test]
    public async Task A_buffer_that_is_full_is_waited_for_and_nothing_is_acknowledged_meanwhile(CancellationToken cancellationToken)
    {
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, new PipelineShape(Defaults: "  copy: never"), cancellationToken);
        await pipeline.ExecuteAsync(Table, cancellationToken);
        await ExecuteAsync(pipeline.Buffer, """
            create function full_disk() returns trigger language plpgsql as $$
            begin raise exception 'could not extend file "base/1/2": No space left on device' using errcode = '53100'; end $$;
            create trigger full_disk before insert on philotes.chunk_g1 for each row execute function full_disk()
            """, cancellationToken);
        pipeline.StartCapture();
        pipeline.StartWriter();
        await pipeline.SlotActiveAsync(cancellationToken);
        await pipeline.ExecuteAsync("insert into t select i, 'x' from generate_series(1, 3) i", cancellationToken);
        await SaysAsync(pipeline.Capture!, "PH501", cancellationToken);
        Assert.That(pipeline.Capture!.Output, Does.Contain("No space left on device").And.Contain("Nothing was acknowledged"));
        await ExecuteAsync(pipeline.Buffer, "drop trigger full_disk on philotes.chunk_g1", cancellationToken);

        await pipeline.CatchUpAsync(cancellationToken);
        Assert.That(await RowsAsync(pipeline, cancellationToken), Is.EqualTo(3));
    }

    [Test]
    public async Task Second_copies_do_no_harm_and_take_over_when_the_first_are_gone(CancellationToken cancellationToken)
    {
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        await pipeline.ExecuteAsync(Table, cancellationToken);
        pipeline.StartCapture();
        pipeline.StartWriter();
        await pipeline.SlotActiveAsync(cancellationToken);
        await using var secondCapture = pipeline.StartSecond("Capture");
        await using var secondWriter = pipeline.StartSecond("BatchWriter");
        await SaysAsync(secondCapture, "PH109", cancellationToken);
        await LandsAsync(pipeline, 3, cancellationToken);
        Assert.That(pipeline.Capture!.Output, Does.Not.Contain("PH001"), "a copy that waits must not fence the one that works");

        await pipeline.Capture.TerminateAsync(cancellationToken);
        await pipeline.Writer!.TerminateAsync(cancellationToken);
        await pipeline.ExecuteAsync("insert into t select i, 'second' from generate_series(4, 6) i", cancellationToken);
        await pipeline.CatchUpAsync(cancellationToken);
        Assert.That(await RowsAsync(pipeline, cancellationToken), Is.EqualTo(6));
        await LedgerInvariants.CheckAsync(pipeline.Buffer);
    }

    [Test]
    public async Task A_writer_without_its_encoder_does_not_start(CancellationToken cancellationToken)
    {
        await using var pipeline = await Pipeline.CreateAsync(Servers.Source, Servers.Buffer, "", cancellationToken);
        var folder = Directory.CreateTempSubdirectory("philotes-alone-").FullName;
        try
        {
            var library = Programs.Find("BatchWriter");
            foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(library)!).Where(file => !Path.GetFileName(file).StartsWith("libduckdb", StringComparison.Ordinal)))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }

            await using var writer = ProgramProcess.Run("BatchWriter", Path.Combine(folder, Path.GetFileName(library)), null, "--config", pipeline.ConfigurationFile);

            Assert.That(await writer.ExitAsync(cancellationToken), Is.EqualTo(4), writer.Output);
            Assert.That(writer.Output, Does.Contain("PH605").And.Contain("PHILOTES_NATIVE"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task LandsAsync(Pipeline pipeline, int rows, CancellationToken cancellationToken)
    {
        await pipeline.SlotActiveAsync(cancellationToken);
        await pipeline.ExecuteAsync($"insert into t select i, 'x' from generate_series(1, {rows}) i", cancellationToken);
        await pipeline.CatchUpAsync(cancellationToken);
        Assert.That(await RowsAsync(pipeline, cancellationToken), Is.EqualTo(rows));
    }

    private static async Task<int> RowsAsync(Pipeline pipeline, CancellationToken cancellationToken) =>
        (await ForeignReaders.ReadWithIcebirdAsync((await new Lake(pipeline.CatalogUri).TableAsync("t_changelog", cancellationToken)).MetadataLocation)).Count;

    private static Task SaysAsync(ProgramProcess process, string words, CancellationToken cancellationToken) =>
        Until.TrueAsync(() => Task.FromResult(process.Output.Contains(words, StringComparison.Ordinal)), () => process.Output, cancellationToken);

    private static Task ComesBackAsync(Pipeline pipeline, CancellationToken cancellationToken) => Until.TrueAsync(
        async () =>
        {
            try
            {
                await using var connection = await pipeline.Buffer.OpenConnectionAsync(cancellationToken);
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        },
        pipeline.Describe, cancellationToken);

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
