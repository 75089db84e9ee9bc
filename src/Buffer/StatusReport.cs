namespace Philotes.Buffer;

/// <summary>The buffer as it stood at one moment: all of it comes from one statement's snapshot.</summary>
public sealed record StatusReport(
    DateTimeOffset At, long DatabaseBytes, int LiveGenerations, IReadOnlyList<SourceRecord> Sources, IReadOnlyList<TableStatus> Tables,
    BufferActivity Activity);
