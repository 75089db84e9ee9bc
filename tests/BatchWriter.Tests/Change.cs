using Philotes.Shared;

namespace Philotes.BatchWriter.Tests;

/// <summary>One event to put into the buffer.</summary>
internal sealed record Change(ChangeKind Kind, byte[]? Old, byte[]? New)
{
    public static Change Insert(params string?[] values) => new(ChangeKind.Insert, null, Tuple.Of(values));

    public static Change Update(string?[]? old, params string?[] values) => new(ChangeKind.Update, old is null ? null : Tuple.Of(old), Tuple.Of(values));

    public static Change Delete(params string?[] key) => new(ChangeKind.Delete, Tuple.Of(key), null);

    public static Change Truncate() => new(ChangeKind.Truncate, null, null);
}
