using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record LakeOptions
{
    [Description("The Iceberg catalog.")]
    public LakeCatalogOptions? Catalog { get; init; }

    [Description("The object store that holds the data files.")]
    public LakeStoreOptions Store { get; init; } = new();

    [Description("Allows http:// to catalogs and stores on other machines.")]
    public bool AllowInsecure { get; init; }

    [Description("Namespace of a table in the lake; {schema}, {table} and {source} stand for the source's names.")]
    public string Namespace { get; init; } = "{schema}";

    [Description("Name of a table in the lake; a changelog adds _changelog.")]
    public string Table { get; init; } = "{table}";

    [Description("Size at which a data file is finished and the next one begun. A batch of existing rows grows to about as much while it is encoded; the changes of a commit are written at once, however few.")]
    [Between("1MiB", "16GiB")]
    public ByteSize TargetFileSize { get; init; } = ByteSize.FromMebibytes(512);
}
