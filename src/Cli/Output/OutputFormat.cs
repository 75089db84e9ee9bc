namespace Philotes.Cli;

/// <summary>How a verb that reads shows what it read.</summary>
enum OutputFormat
{
    Table,
    Json,
    Yaml,
    Csv,
}
