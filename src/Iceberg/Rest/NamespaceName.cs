using System.Collections.Immutable;

namespace Philotes.Iceberg.Rest;

/// <summary>A namespace of one or more levels. Levels may hold any character; they become safe only in <see cref="RestRoutes"/>.</summary>
public sealed record NamespaceName
{
    readonly ImmutableArray<string> _levels;

    public NamespaceName(params IEnumerable<string> levels)
    {
        _levels = [.. levels];
        if (_levels.IsEmpty || _levels.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("A namespace has at least one level, and no level is empty.", nameof(levels));
        }
    }

    public IReadOnlyList<string> Levels => _levels;

    /// <summary>The levels with dots between them; a level with a dot in it needs the constructor.</summary>
    public static NamespaceName Parse(string dotted) => new(dotted.Split('.'));

    public bool Equals(NamespaceName? other) => other is not null && _levels.AsSpan().SequenceEqual(other._levels.AsSpan());

    public override int GetHashCode() => _levels.Aggregate(_levels.Length, HashCode.Combine);

    public override string ToString() => string.Join('.', _levels);
}
