using Npgsql;
using Philotes.BatchWriter.Operations;
using Philotes.Buffer;
using Philotes.Buffer.Operations;
using Philotes.Hosting;

namespace Philotes.BatchWriter;

/// <summary>The writer's own connections to the buffer, and what it does there.</summary>
internal sealed class WriterBuffer(NpgsqlDataSource db) : IAsyncDisposable
{
    public BatchLedger Ledger { get; } = new(db);

    public BatchReader Reader { get; } = new(db);

    public DeadLetters Letters { get; } = new(db);

    public SourceRegistry Registry { get; } = new(db);

    public WrittenObjects Objects { get; } = new(db);

    public BufferStatus Status { get; } = new(db);

    public Retention Retention { get; } = new(db);

    public SchemaMigrator Schema { get; } = new(db);

    public Task<IReadOnlyList<Finding>> CheckAsync(PhilotesOptions options, CancellationToken cancellationToken) => BufferProbe.RunAsync(db, options, cancellationToken);

    public ValueTask DisposeAsync() => db.DisposeAsync();
}
