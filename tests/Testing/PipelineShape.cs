namespace Philotes.Testing;

/// <summary>What differs from the usual in a pipeline's configuration, as YAML. Lines of a section come indented by two spaces.</summary>
/// <param name="Match">The tables that are captured.</param>
/// <param name="Source">Lines under <c>source</c>.</param>
/// <param name="Defaults">Lines under <c>defaults</c>.</param>
/// <param name="Extra">Lines at the end; indented ones go on under the tables' rules.</param>
public sealed record PipelineShape(string Match = "public.*", string Source = "", string Defaults = "", string Extra = "");
