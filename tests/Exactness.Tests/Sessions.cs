using Npgsql;

namespace Philotes.Exactness.Tests;

/// <summary>Connections by number, each opened when it is first spoken to; statements run as they stand, one after the other.</summary>
internal sealed class Sessions(string connectionString) : IAsyncDisposable
{
    private readonly Dictionary<int, NpgsqlConnection> _open = [];

    public async Task RunAsync(IEnumerable<(int Session, string Sql)> statements, CancellationToken cancellationToken)
    {
        foreach (var (session, sql) in statements)
        {
            await using var command = new NpgsqlCommand(sql, await SessionAsync(session, cancellationToken));
            try
            {
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (PostgresException e)
            {
                throw new InvalidOperationException($"Session {session} could not run: {sql}", e);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _open.Values)
            await connection.DisposeAsync();
    }

    private async Task<NpgsqlConnection> SessionAsync(int number, CancellationToken cancellationToken)
    {
        if (_open.TryGetValue(number, out var connection))
            return connection;
        connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        _open.Add(number, connection);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
