namespace Philotes.Testing;

/// <summary>What differs from the usual in a pipeline's configuration, as YAML. Lines of a section come indented by two spaces.</summary>
/// <param name="Match">The tables that are captured.</param>
/// <param name="Source">Lines under <c>source</c>.</param>
/// <param name="Defaults">Lines under <c>defaults</c>.</param>
/// <param name="Extra">Lines at the end; indented ones go on under the tables' rules.</param>
/// <param name="Lake">Lines under <c>lake</c>.</param>
/// <param name="Warehouse">Root of the tables' locations; a folder of the pipeline's own when it is not said.</param>
/// <param name="CatalogProxy">From the catalog's address to the one at which the writer is to look for it.</param>
/// <param name="Catalog">What stands beside the address in <c>lake.catalog</c>, each after a comma.</param>
/// <param name="MaxAge">Age of a change at which it is committed.</param>
public sealed record PipelineShape(
    string Match = "public.*", string Source = "", string Defaults = "", string Extra = "", string Lake = "", string? Warehouse = null, Func<Uri, Uri>? CatalogProxy = null, string Catalog = "",
    string MaxAge = "500ms");
