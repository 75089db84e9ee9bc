namespace Philotes.Shared;

/// <summary>A type without parts.</summary>
/// <param name="Words">Name and modifier: <c>timestamp(3) with time zone</c>.</param>
public sealed record NamedType(string Words) : PostgresType
{
    public override string ToString() => Words;
}
