namespace Philotes.Cli.Demo;

sealed record DemoLakeTable(string MetadataLocation, long TotalRecords);
