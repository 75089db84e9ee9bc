using Philotes.Shared;

namespace Philotes.Buffer.Operations;

/// <summary>Open dead letters of one table with one code.</summary>
public sealed record DeadLetterGroup(TableName Table, string Code, long Count, DateTimeOffset First, DateTimeOffset Last, string Sample);
