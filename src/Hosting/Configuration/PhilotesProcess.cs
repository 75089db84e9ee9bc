namespace Philotes.Hosting;

/// <summary>Who reads the configuration; decides which sections must be there.</summary>
public enum PhilotesProcess
{
    Capture,
    BatchWriter,
    Catalog,
    Cli,
}
