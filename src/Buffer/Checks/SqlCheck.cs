namespace Philotes.Buffer;

/// <summary>A check that the server answers itself.</summary>
/// <param name="Sql">
/// Returns a row per problem: result (info, warn, fail), what, remedy; no row means ok. Parameters: $1 slot, $2 publication, $3 OIDs of the
/// captured tables (bigint[]).
/// </param>
public sealed record SqlCheck(string Id, string Title, string Why, string Sql);
