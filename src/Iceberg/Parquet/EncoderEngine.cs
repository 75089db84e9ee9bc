using System.Collections.Concurrent;
using Philotes.DuckDb;

namespace Philotes.Iceberg.Parquet;

/// <summary>
/// An engine that encodes one file after the other, never two at once. Opening one costs more than encoding a small file, so one that is through with a
/// file waits for the next of the same limits. Nothing of a file stays behind: its connection and its stream are closed. An engine that failed, or that spilled, is never used again.
/// </summary>
internal sealed class EncoderEngine : IDisposable
{
    /// <summary>Engines that wait, over all limits.</summary>
    private const int IdleMax = 8;

    private static readonly ConcurrentDictionary<(long Bytes, int Threads), ConcurrentBag<EncoderEngine>> Idle = new();
    private static int _idleCount;

    private readonly (long Bytes, int Threads) _limits;
    private readonly DuckDbDatabase _database;
    private readonly ChunkFunction _function;

    private EncoderEngine((long Bytes, int Threads) limits, DuckDbDatabase database)
    {
        (_limits, _database) = (limits, database);
        using var connection = database.Connect();
        _function = ChunkFunction.Register(connection);
    }

    /// <summary>One that waits, or a new one. <see cref="Return"/> it, or dispose it.</summary>
    public static EncoderEngine Rent(ParquetWriterOptions options)
    {
        var limits = (options.MemoryByteMax, options.ThreadCount);
        if (Idle.TryGetValue(limits, out var idle) && idle.TryTake(out var engine))
        {
            Interlocked.Decrement(ref _idleCount);
            return engine;
        }

        return new EncoderEngine(limits, DuckDbDatabase.OpenInMemory(
            new DuckDbOptions { MemoryByteMax = options.MemoryByteMax, ThreadCount = options.ThreadCount, TempFolder = options.TempFolder }));
    }

    /// <summary>For one file. Fails with the engine closed.</summary>
    /// <param name="tempFolder">Where it spills while this connection is used.</param>
    public DuckDbConnection Connect(string tempFolder)
    {
        try
        {
            var connection = _database.Connect();
            connection.Execute($"set temp_directory = {SqlText.Literal(tempFolder)}");
            return connection;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ChunkStream Open(IReadOnlyList<DuckDbField> columns) => _function.Open(columns);

    /// <summary>It waits for its next file; one that is too many is closed.</summary>
    public void Return()
    {
        if (Interlocked.Increment(ref _idleCount) > IdleMax)
        {
            Interlocked.Decrement(ref _idleCount);
            Dispose();
            return;
        }

        Idle.GetOrAdd(_limits, static _ => []).Add(this);
    }

    public void Dispose()
    {
        _database.Dispose();
        _function.Dispose();
    }
}
