using Philotes.Testing;
using System.Collections.Concurrent;

namespace Philotes.EndToEnd.Tests;

/// <summary>One change as a client of the source made it. A delete has no version and no transaction: only its key travels.</summary>
internal sealed record Change(string Operation, long Key, int? Version, Guid? Transaction)
{
    /// <summary>Where an update changed the key. Not part of what is compared: the changelog has it in a column of its own.</summary>
    public long? OldKey { get; init; }

    public bool Equals(Change? other) => other is not null && (Operation, Key, Version, Transaction) == (other.Operation, other.Key, other.Version, other.Transaction);

    public override int GetHashCode() => HashCode.Combine(Operation, Key, Version, Transaction);

    public override string ToString() => $"{Operation} {Key} v{Version} {Transaction}";
}

/// <summary>
/// The independent record of what the source committed: every client appends its own acknowledged transactions, in order. Keys belong to
/// one client (key modulo clients), so for each table and client the order of changes is total and can be compared as a list.
/// </summary>
internal sealed class Truth(int clients)
{
    private readonly ConcurrentDictionary<(string Table, int Client), List<Change>> _changes = new();

    public int Clients { get; } = clients;

    public long Count => _changes.Values.Sum(changes => (long)changes.Count);

    /// <summary>Called by the owning client alone, after its COMMIT was acknowledged.</summary>
    public void Append(int client, IEnumerable<(string Table, Change Change)> transaction)
    {
        foreach (var (table, change) in transaction)
        {
            _changes.GetOrAdd((table, client), _ => []).Add(change);
        }
    }

    public IReadOnlyList<Change> Of(string table, int client) => _changes.GetValueOrDefault((table, client)) ?? [];
}
