namespace Philotes.Iceberg.Rest;

/// <summary>A table's name in a catalog; printed with dots.</summary>
public sealed record TableIdentifier
{
    public TableIdentifier(NamespaceName @namespace, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Namespace = @namespace;
        Name = name;
    }

    public NamespaceName Namespace { get; }

    public string Name { get; }

    /// <summary>The last part is the table's name: <c>sales.eu.orders</c>.</summary>
    public static TableIdentifier Parse(string dotted)
    {
        var dot = dotted.LastIndexOf('.');
        return dot > 0
            ? new(NamespaceName.Parse(dotted[..dot]), dotted[(dot + 1)..])
            : throw new ArgumentException($"'{dotted}' is not namespace.table.", nameof(dotted));
    }

    public override string ToString() => $"{Namespace}.{Name}";
}
