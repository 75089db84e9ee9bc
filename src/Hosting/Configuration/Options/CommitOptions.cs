using System.ComponentModel;

namespace Philotes.Hosting;

public sealed record CommitOptions
{
    [Description("Changes of one table that are enough for a commit.")]
    [Between("1", "1000000000")]
    public int MinRows { get; init; } = 50_000;

    [Description("Bytes of one table's changes that are enough for a commit.")]
    [Between("1KiB", "1TiB")]
    public ByteSize MinBytes { get; init; } = ByteSize.FromMebibytes(64);

    [Description("Age of a table's oldest change at which it is committed, however few there are.")]
    [Between("100ms", "7d")]
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromSeconds(15);

    [Description("Changes of one commit at most; more wait for the next one.")]
    [Between("1", "1000000000")]
    public int MaxRows { get; init; } = 1_000_000;

    [Description("Bytes of one commit's changes at most; more wait for the next one.")]
    [Between("1MiB", "1TiB")]
    public ByteSize MaxBytes { get; init; } = ByteSize.FromGibibytes(2);
}
