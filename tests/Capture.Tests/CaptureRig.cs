using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Buffer;
using Philotes.Hosting;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Capture.Tests;

/// <summary>A source database, a buffer database and the settings of a capture between them.</summary>
internal sealed class CaptureRig : IAsyncDisposable
{
    private static int _count;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private CaptureRig(NpgsqlDataSource source, NpgsqlDataSource buffer, CaptureSettings settings)
    {
        Source = source;
        Buffer = buffer;
        Settings = settings;
    }

    public NpgsqlDataSource Source { get; }

    public NpgsqlDataSource Buffer { get; }

    public CaptureSettings Settings { get; set; }

    public LogLines Log { get; } = new();

    /// <param name="source">The server to capture from, if the assembly's own will not do.</param>
    public static Task<CaptureRig> CreateAsync(CancellationToken cancellationToken, PostgresServer? source = null) => CreateAsync("", source ?? Servers.Postgres, cancellationToken);

    /// <param name="databaseOptions">Of the source database, such as an encoding.</param>
    public static async Task<CaptureRig> CreateAsync(string databaseOptions, PostgresServer source, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"c{Interlocked.Increment(ref _count)}");
        var connection = await source.CreateDatabaseAsync($"{name}_source", databaseOptions);
        var buffer = NpgsqlDataSource.Create(await Servers.Postgres.CreateDatabaseAsync($"{name}_buffer"));
        await new SchemaMigrator(buffer).UpAsync(cancellationToken);
        return new CaptureRig(NpgsqlDataSource.Create(connection), buffer, new CaptureSettings
        {
            SourceName = name,
            SourceConnection = () => connection + ";Application Name=philotes-capture",
            SlotName = $"slot_{name}",
            PublicationName = $"pub \"{name}\" it's",
            Matches = table => table.Schema != "ignored",
            FlushDelay = TimeSpan.FromMilliseconds(30),
            IdleAdvance = TimeSpan.FromMilliseconds(100),
            PublicationCheck = TimeSpan.FromMilliseconds(200),
            RetryDelayMin = TimeSpan.FromMilliseconds(20),
            RetryDelayMax = TimeSpan.FromMilliseconds(100),
        });
    }

    public ProcessHealth Health { get; } = new(TimeProvider.System);

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public CaptureRuntime Runtime() => new(
        Time, new CaptureMetrics(_services.GetRequiredService<IMeterFactory>(), Settings.SourceName, Time),
        new Philotes.Capture.Copy.CopyMetrics(_services.GetRequiredService<IMeterFactory>(), Settings.SourceName), Health, Log);

    /// <summary>Starts a session and waits until it reads the slot. One that ended just now is let go of by the server first, which takes a moment.</summary>
    public async Task<RunningCapture> StartAsync(CancellationToken cancellationToken)
    {
        await SlotLeftAsync(cancellationToken);
        var running = RunningCapture.Start(this);
        await running.StreamingAsync(cancellationToken);
        return running;
    }

    /// <summary>Waits until no session reads the slot.</summary>
    public Task SlotLeftAsync(CancellationToken cancellationToken) => UntilAsync(
        () => SourceAsync<bool>($"select not exists (select from pg_replication_slots where slot_name = '{Settings.SlotName}' and active)", cancellationToken), cancellationToken);

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Source.CreateCommand(sql);
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task<T> SourceAsync<T>(string sql, CancellationToken cancellationToken) => ScalarAsync<T>(Source, sql, cancellationToken);

    public Task<T> BufferAsync<T>(string sql, CancellationToken cancellationToken) => ScalarAsync<T>(Buffer, sql, cancellationToken);

    public async Task<Lsn> DurableAsync(CancellationToken cancellationToken) =>
        Lsn.Parse(await BufferAsync<string>("select coalesce((select durable_lsn::text from philotes.source), '0/0')", cancellationToken));

    public async Task<Lsn> ConfirmedAsync(CancellationToken cancellationToken) => Lsn.Parse(await SourceAsync<string>(
        $"select coalesce((select confirmed_flush_lsn::text from pg_replication_slots where slot_name = '{Settings.SlotName}'), '0/0')", cancellationToken));

    /// <summary>Waits until everything that is committed now is in the buffer.</summary>
    public async Task CaughtUpAsync(CancellationToken cancellationToken)
    {
        var end = Lsn.Parse(await SourceAsync<string>("select pg_current_wal_insert_lsn()::text", cancellationToken));
        await UntilAsync(async () => await DurableAsync(cancellationToken) >= end, cancellationToken);
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        while (!await condition())
        {
            await Task.Delay(10, cancellationToken);
        }
    }

    /// <summary>Everything that is visible in the buffer, in the source's order.</summary>
    public async Task<List<CapturedEvent>> EventsAsync(CancellationToken cancellationToken)
    {
        await using var command = Buffer.CreateCommand("""
            select t.table_name, e.op::text, e.commit_lsn::text, e.tx_seq, c.chunk, c.tx_open, c.schema_id, e.old_row, e.new_row
            from philotes.chunk c
            join philotes.source_table t on t.table_id = c.table_id
            cross join lateral philotes.events_of(c.gen, c.chunk) e
            order by e.commit_lsn, e.tx_seq
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<CapturedEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            events.Add(new CapturedEvent(
                reader.GetString(0), reader.GetString(1)[0], Lsn.Parse(reader.GetString(2)), reader.GetInt64(3), reader.GetInt64(4),
                reader.GetBoolean(5), reader.GetInt32(6), Row(reader, 7), Row(reader, 8)));
        }

        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await using (var command = Source.CreateCommand($"""
            select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '{Settings.SlotName}' and active_pid is not null
            """))
        {
            await command.ExecuteNonQueryAsync();
        }

        await UntilAsync(DropSlotAsync, CancellationToken.None);
        await Source.DisposeAsync();
        await Buffer.DisposeAsync();
        await _services.DisposeAsync();
    }

    private async Task<bool> DropSlotAsync()
    {
        try
        {
            await ExecuteAsync($"select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '{Settings.SlotName}'", CancellationToken.None);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse)
        {
            return false;
        }
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlDataSource database, string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static string?[]? Row(NpgsqlDataReader reader, int column)
    {
        if (reader.IsDBNull(column))
        {
            return null;
        }

        var tuple = new TupleReader(reader.GetFieldValue<byte[]>(column));
        var row = new string?[tuple.ColumnCount];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = tuple.Next(out var text) switch
            {
                TupleValueKind.Null => null,
                TupleValueKind.Unchanged => "~",
                _ => Encoding.UTF8.GetString(text),
            };
        }

        return row;
    }
}
