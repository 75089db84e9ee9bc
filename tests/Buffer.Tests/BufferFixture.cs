using System.Buffers.Binary;
using System.Text;
using Npgsql;
using Philotes.Shared;

namespace Philotes.Buffer.Tests;

/// <summary>A freshly migrated buffer database with one source and helpers to fill it.</summary>
internal sealed class BufferFixture : IAsyncDisposable
{
    public const long Timestamp = 815_000_000_000_000; // 2025-10-28

    private BufferFixture(NpgsqlDataSource db, SourceRecord source)
    {
        Db = db;
        Source = source;
        Registry = new SourceRegistry(db);
        Appender = new BufferAppender(db);
        Ledger = new BatchLedger(db);
        Reader = new BatchReader(db);
    }

    public NpgsqlDataSource Db { get; }

    public SourceRecord Source { get; }

    public SourceRegistry Registry { get; }

    public BufferAppender Appender { get; }

    public BatchLedger Ledger { get; }

    public BatchReader Reader { get; }

    public static ClaimLimits Limits { get; } = new(100_000, 1L << 30, TimeSpan.FromMinutes(1));

    public static async Task<BufferFixture> CreateAsync()
    {
        var db = NpgsqlDataSource.Create(await BufferServer.Instance.CreateDatabaseAsync());
        await new SchemaMigrator(db).UpAsync();
        return new BufferFixture(db, await new SourceRegistry(db).EnsureAsync("shop", "philotes_shop", "philotes_shop"));
    }

    public static TableSchema Schema(uint oid, string name = "orders", params string[] columns) => new(
        oid, new TableName("public", name), 'd',
        [.. (columns.Length == 0 ? ["id", "note"] : columns).Select((column, i) => new ColumnSchema(column, "text", i == 0))]);

    public async Task<(int Table, int Schema)> TableAsync(uint oid = 16400, string name = "orders", params string[] columns)
    {
        var schema = Schema(oid, name, columns);
        var table = await Registry.EnsureTableAsync(Source.SourceId, schema);
        return (table, await Registry.EnsureSchemaAsync(table, schema, new Lsn(1), new byte[] { 1, 2, 3 }));
    }

    /// <summary>Flushes one chunk of inserts, all of one transaction that commits at <paramref name="lsn"/>.</summary>
    public async Task FlushAsync(int table, int schema, ulong lsn, int rows = 3, bool open = false)
    {
        using var chunk = Chunk(table, schema, lsn, rows, open);
        await Appender.FlushAsync([chunk], new Lsn(lsn));
    }

    public EventChunk Chunk(int table, int schema, ulong lsn, int rows = 3, bool open = false)
    {
        var chunk = Appender.OpenChunk(table, schema);
        for (var i = 0; i < rows; i++)
        {
            chunk.Append(ChangeKind.Insert, new Lsn(lsn), i, 7, Timestamp, default, false, Tuple($"{i}", "x"), true);
        }

        chunk.TransactionOpen = open;
        return chunk;
    }

    public static byte[] Tuple(params string?[] values)
    {
        using var bytes = new MemoryStream();
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt16BigEndian(number, (short)values.Length);
        bytes.Write(number[..2]);
        foreach (var value in values)
        {
            bytes.WriteByte((byte)(value is null ? 'n' : 't'));
            if (value is not null)
            {
                BinaryPrimitives.WriteInt32BigEndian(number, Encoding.UTF8.GetByteCount(value));
                bytes.Write(number);
                bytes.Write(Encoding.UTF8.GetBytes(value));
            }
        }

        return bytes.ToArray();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Db.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Db.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task CommitAsync(ClaimedBatch batch, long snapshot)
    {
        Assert.That(await Ledger.StageAsync(batch, "{}", snapshot, Guid.NewGuid()), Is.True);
        await Ledger.FinishAsync(batch, snapshot);
    }

    public async ValueTask DisposeAsync()
    {
        await Appender.DisposeAsync();
        await Db.DisposeAsync();
    }
}
