using System.Text;
using System.Text.RegularExpressions;

namespace Philotes.Hosting;

/// <summary>What one key alone cannot show.</summary>
static partial class ConfigurationChecks
{
    public static void Run(PhilotesOptions options, OptionsBinder binder, List<ConfigurationError> errors)
    {
        // A value that was refused already is not said to be missing too.
        foreach (var (key, message) in Problems(options).Where(problem => errors.All(error => error.Key != problem.Key)).ToList())
            errors.Add(new ConfigurationError(binder.OriginOf(key), key, message));
        if (!options.Catalog.Listen.IsLoopback)
            binder.Warnings.Add(new ConfigurationError(
                binder.OriginOf("catalog.listen"), "catalog.listen", "is reachable from other machines; the embedded catalog asks nobody who they are"));
        foreach (var (key, message) in OpenWays(options))
            binder.Warnings.Add(new ConfigurationError(binder.OriginOf(key), key, message));
    }

    /// <summary>Connections on which everybody between here and there can read and change what passes. On this machine nobody is between.</summary>
    static IEnumerable<(string Key, string Message)> OpenWays(PhilotesOptions options)
    {
        (string Key, ConnectionOptions? Connection)[] databases = [("source.connection", options.Source.Connection), ("buffer.connection", options.Buffer.Connection), ("catalog.connection", options.Catalog.Connection)];
        foreach (var (key, connection) in databases)
        {
            if (connection is { Tls: Tls.Disable } && !IsHere(connection.Host))
                yield return ($"{key}.tls", $"is disable, and {connection.Host} is another machine: rows and password can be read on the way; use verify-full");
        }

        (string Key, Uri? Address)[] addresses = [("lake.catalog.uri", options.Lake.Catalog?.Uri), ("lake.store.endpoint", options.Lake.Store.Endpoint)];
        foreach (var (key, address) in addresses)
        {
            if (address is { Scheme: "http", IsLoopback: false })
                yield return (key, "is http, and another machine: what is sent, credentials too, can be read and changed on the way; use https");
        }
    }

    static bool IsHere(string host) => host.StartsWith('/') || host == "localhost" || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address));

    static IEnumerable<(string Key, string Message)> Problems(PhilotesOptions options) =>
        SourceProblems(options.Source).Concat(LakeChecks.Problems(options.Lake)).Concat(LakeProblems(options)).Concat(AddressProblems(options)).Concat(options.Tables.SelectMany(TableProblems)).Concat(NotYet(options));

    static IEnumerable<(string Key, string Message)> SourceProblems(SourceOptions source)
    {
        if (!SlotName().IsMatch(source.Slot))
            yield return ("source.slot", $"\"{source.Slot}\" is no slot name; Postgres allows a-z, 0-9 and _, at most 63 characters");
        if (Encoding.UTF8.GetByteCount(source.Publication.Name) is 0 or > 63)
            yield return ("source.publication.name", "must be 1 to 63 bytes long");
        if (!SourceName().IsMatch(source.Name))
            yield return ("source.name", $"\"{source.Name}\" is no source name; it begins with a-z, goes on with a-z, 0-9 and _, and has at most 41 characters");
    }

    static IEnumerable<(string Key, string Message)> LakeProblems(PhilotesOptions options)
    {
        var lake = options.Lake;
        foreach (var (key, template) in new[] { ("lake.namespace", lake.Namespace), ("lake.table", lake.Table) })
        {
            if (template.Length == 0)
                yield return (key, "is empty; the default is \"{schema}\" for the namespace and \"{table}\" for the table");
            foreach (var part in Template.Split(template).Where(part => part.StartsWith('{') && part is not ("{schema}" or "{table}" or "{source}")))
                yield return (key, $"\"{part}\" stands for nothing; known are {{schema}}, {{table}} and {{source}}");
        }
        if (options.Catalog.Warehouse.Scheme is not ("file" or "s3"))
            yield return ("catalog.warehouse", $"\"{options.Catalog.Warehouse.Scheme}\" is not a known store; it must begin with file:// or s3://");
    }

    /// <summary>Addresses are printed and logged, and so would be what proves something in them.</summary>
    static IEnumerable<(string Key, string Message)> AddressProblems(PhilotesOptions options)
    {
        (string Key, Uri? Address)[] addresses =
        [
            ("lake.catalog.uri", options.Lake.Catalog?.Uri), ("lake.catalog.auth.oauth2.token_uri", options.Lake.Catalog?.Auth.Oauth2?.TokenUri),
            ("lake.store.endpoint", options.Lake.Store.Endpoint), ("observability.otlp", options.Observability.Otlp),
        ];
        foreach (var (key, _) in addresses.Where(address => address.Address is { } uri && (uri.UserInfo.Length > 0 || uri.Query.Length > 0)))
            yield return (key, "holds a user, a password or a query, and would be printed with it; leave it out and use the keys for credentials");
    }

    static IEnumerable<(string Key, string Message)> TableProblems(TableRule rule, int index)
    {
        foreach (var (text, i) in rule.Partition.Select((text, i) => (text, i)).Where(pair => pair.text is not null && !PartitionField().IsMatch(pair.text)))
            yield return ($"tables[{index}].partition[{i}]", $"\"{text}\" is not a partition field; write a column, day(column), month(column), year(column), hour(column), bucket(16,column) or truncate(8,column)");
        foreach (var (text, i) in rule.Sort.Select((text, i) => (text, i)).Where(pair => pair.text is not null && !SortField().IsMatch(pair.text)))
            yield return ($"tables[{index}].sort[{i}]", $"\"{text}\" is not a sort field; write a column or a transform as in partition, then asc or desc");
    }

    /// <summary>Values that have their place in the file and are refused until the program does what they say.</summary>
    static IEnumerable<(string Key, string Message)> NotYet(PhilotesOptions options)
    {
        const string Refusal = "is not available in this version";
        if (options.Source.Streaming == Streaming.On)
            yield return ("source.streaming", $"on {Refusal}; use off");
        if (options.Source.OnGap == OnGap.ResyncTables)
            yield return ("source.on_gap", $"resync-tables {Refusal}; use stop");
        if (options.Defaults.Mode == TableMode.Mirror)
            yield return ("defaults.mode", $"mirror {Refusal}; use changelog");
        for (var i = 0; i < options.Tables.Count; i++)
        {
            if (options.Tables[i].Mode == TableMode.Mirror)
                yield return ($"tables[{i}].mode", $"mirror {Refusal}; use changelog");
        }
    }

    [GeneratedRegex(@"\A[a-z0-9_]{1,63}\z")]
    private static partial Regex SlotName();

    [GeneratedRegex(@"\A[a-z][a-z0-9_]{0,40}\z")]
    private static partial Regex SourceName();

    [GeneratedRegex(@"\A([^()\s,]+|""[^""]+""|(identity|day|month|year|hour)\([^(),]+\)|(bucket|truncate)\(\s*[1-9][0-9]*\s*,[^(),]+\))\z")]
    private static partial Regex PartitionField();

    [GeneratedRegex(@"\A([^()\s,]+|""[^""]+""|(identity|day|month|year|hour)\([^(),]+\)|(bucket|truncate)\(\s*[1-9][0-9]*\s*,[^(),]+\))(\s+(asc|desc))?\z")]
    private static partial Regex SortField();
}
