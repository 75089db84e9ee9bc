namespace Philotes.Iceberg.Rest;

/// <summary>
/// One change of one table. The idempotency key belongs to exactly these bytes: a request that was planned again gets a new key. It is sent only to
/// catalogs that advertise how long they remember one.
/// </summary>
public sealed record CommitRequest(
    TableIdentifier Table,
    IReadOnlyList<TableRequirement> Requirements,
    IReadOnlyList<TableUpdate> Updates,
    Guid? IdempotencyKey = null);
