using System.ComponentModel;

namespace Philotes.Hosting;

/// <summary>What a table rule changes of <see cref="CommitOptions"/>; null leaves it as it is.</summary>
public sealed record CommitRule
{
    [Description("Changes of one table that are enough for a commit.")]
    [Between("1", "1000000000")]
    public int? MinRows { get; init; }

    [Description("Bytes of one table's changes that are enough for a commit.")]
    [Between("1KiB", "1TiB")]
    public ByteSize? MinBytes { get; init; }

    [Description("Age of a table's oldest change at which it is committed, however few there are.")]
    [Between("100ms", "7d")]
    public TimeSpan? MaxAge { get; init; }

    [Description("Changes of one commit at most; more wait for the next one.")]
    [Between("1", "1000000000")]
    public int? MaxRows { get; init; }

    [Description("Bytes of one commit's changes at most; more wait for the next one.")]
    [Between("1MiB", "1TiB")]
    public ByteSize? MaxBytes { get; init; }
}
