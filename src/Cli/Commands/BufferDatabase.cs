using Npgsql;
using Philotes.Hosting;

namespace Philotes.Cli;

/// <summary>The buffer as the configuration names it.</summary>
static class BufferDatabase
{
    public static NpgsqlDataSource Open(PhilotesOptions options)
    {
        var connection = options.Buffer.Connection ?? throw new ConfigurationException(
            [new ConfigurationError(ConfigurationOrigin.Default, "buffer.connection", "is missing; this command reads the buffer")]);
        return NpgsqlDataSource.Create(connection.ToConnectionString("philotes"));
    }
}
