using System.ComponentModel;

namespace Philotes.Hosting;

/// <summary>The catalog: an Iceberg REST catalog by its address, or the tables of a JDBC/SQL catalog in a Postgres database.</summary>
public sealed record LakeCatalogOptions
{
    [Description("rest speaks Iceberg's REST protocol to uri; sql opens the tables of a JDBC/SQL catalog in connection.")]
    public CatalogType Type { get; init; } = CatalogType.Rest;

    [Description("Base address of the Iceberg REST catalog, without /v1.")]
    public Uri? Uri { get; init; }

    [Description("The warehouse asked for in /v1/config; for type sql the URI under which tables are put.")]
    public string? Warehouse { get; init; }

    [Description("Prefix of all paths, where the catalog needs one and does not say it.")]
    public string? Prefix { get; init; }

    [Description("How requests prove who they are; nothing is sent if not set.")]
    public LakeAuthOptions Auth { get; init; } = new();

    [Description("Headers sent with every request. Their values are never printed."), Masked]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    [Description("Who gives access to a table's files: the catalog, by keys or by signing, or the configuration (none); auto asks the catalog for keys unless lake.store names its own.")]
    public AccessDelegation AccessDelegation { get; init; } = AccessDelegation.Auto;

    [Description("Hosts, beside that of uri, to which the catalog's answers may send requests.")]
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    [Description("Longest wait for one reply.")]
    [Between("1s", "1h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    [Description("Certificates to trust, a PEM file; the system's if not set.")]
    public string? RootCertificate { get; init; }

    [Description("For type sql: the database with the catalog's tables.")]
    public ConnectionOptions? Connection { get; init; }

    [Description("For type sql: the catalog's name in those tables.")]
    public string Name { get; init; } = "philotes";
}
