using Npgsql;
using Npgsql.Replication;
using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// Opens connections to the source whose session spells every value in one way. The settings travel as start-up options, which rank above
/// what ALTER ROLE and ALTER DATABASE set; a change of any of them would change what lands in the lake.
/// </summary>
internal static class SourceConnection
{
    private const string PinnedMoney = " -c lc_monetary=C";

    private const string PinnedSettings =
        "-c datestyle=ISO -c timezone=UTC -c intervalstyle=iso_8601 -c extra_float_digits=3 -c bytea_output=hex"
        + PinnedMoney + " -c search_path= -c quote_all_identifiers=off -c statement_timeout=0 -c idle_in_transaction_session_timeout=0";

    private const string UnknownEncoding = "SQL_ASCII";
    private const int ReplicationReadBufferBytes = 256 << 10;

    /// <summary>A plain connection, for the catalog and for publications.</summary>
    public static Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken) =>
        OpenAsync(Pinned(connectionString), cancellationToken);

    /// <summary>The same, but with the source's own lc_monetary, which says how many fraction digits its money has.</summary>
    public static Task<NpgsqlConnection> OpenWithOwnMoneyAsync(string connectionString, CancellationToken cancellationToken)
    {
        var builder = Pinned(connectionString);
        builder.Options = PinnedSettings.Replace(PinnedMoney, "", StringComparison.Ordinal);
        return OpenAsync(builder, cancellationToken);
    }

    private static async Task<NpgsqlConnection> OpenAsync(NpgsqlConnectionStringBuilder builder, CancellationToken cancellationToken)
    {
        builder.Pooling = false;
        builder.Multiplexing = false;
        var connection = new NpgsqlConnection(builder.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (Explained(builder, e) is { } explained)
            {
                throw explained;
            }

            throw;
        }
    }

    /// <summary>
    /// A walsender connection. The status interval stays well inside the server's timeout, whatever that is. Text comes as UTF-8 from every server but one of
    /// SQL_ASCII, which knows of no encoding: asked for UTF-8 it would end the stream at the first byte that is none, so its bytes are taken as they are.
    /// </summary>
    public static async Task<LogicalReplicationConnection> OpenReplicationAsync(
        string connectionString, Prerequisites prerequisites, CancellationToken cancellationToken)
    {
        var builder = Pinned(connectionString);
        builder.ClientEncoding = prerequisites.ServerEncoding == UnknownEncoding ? UnknownEncoding : builder.ClientEncoding;
        builder.ReadBufferSize = ReplicationReadBufferBytes;
        builder.SocketReceiveBufferSize = ReplicationReadBufferBytes;
        var connection = new LogicalReplicationConnection(builder.ConnectionString) { WalReceiverStatusInterval = prerequisites.StatusInterval };
        try
        {
            await connection.Open(cancellationToken);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (Explained(builder, e) is { } explained)
            {
                throw explained;
            }

            throw;
        }
    }

    /// <summary>The same failure with the name of the server; null where its own words are enough.</summary>
    private static PhilotesException? Explained(NpgsqlConnectionStringBuilder source, Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } e => new("PH122",
            $"The source {Place(source)} refused user '{source.Username}': {e.MessageText}. Correct source.connection.user and password, or the server's pg_hba.conf; the secret is read again at every attempt.", e),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } e => new("PH127",
            $"The source {Place(source)} has no such database: {e.MessageText}. Correct source.connection.database.", e),
        PostgresException => null,
        NpgsqlException or System.Net.Sockets.SocketException or IOException or TimeoutException => new("PH125",
            $"The source {Place(source)} could not be reached: {exception.GetBaseException().Message}. It is tried again; check that it runs, its name, its port and the way to it.", exception),
        _ => null,
    };

    private static string Place(NpgsqlConnectionStringBuilder source) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{source.Host}:{source.Port}/{source.Database}");

    private static NpgsqlConnectionStringBuilder Pinned(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { Options = PinnedSettings, ClientEncoding = "UTF8", Enlist = false };
        builder.Remove("Timezone");
        builder.Remove("Search Path");
        return builder;
    }
}
