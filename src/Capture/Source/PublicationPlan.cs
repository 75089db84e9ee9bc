using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>
/// Which tables must enter or leave which publication. A table without a replica identity in a publication of updates makes the
/// application's own UPDATE and DELETE fail, so it is only ever in the one of inserts and truncates, until it has an identity.
/// Tables leave a publication before they enter the other: at no moment does the application break.
/// </summary>
internal sealed record PublicationPlan(
    IReadOnlyList<TableName> AddToFull, IReadOnlyList<TableName> AddToAppendOnly,
    IReadOnlyList<TableName> DropFromFull, IReadOnlyList<TableName> DropFromAppendOnly)
{
    public bool IsEmpty => AddToFull.Count + AddToAppendOnly.Count + DropFromFull.Count + DropFromAppendOnly.Count == 0;

    public static PublicationPlan Make(IReadOnlyList<PublishedTable> tables, Func<PublishedTable, bool> isWanted)
    {
        var wanted = tables.ToLookup(isWanted);
        return new PublicationPlan(
            AddToFull: Names(wanted[true], table => table.HasIdentity && !table.InFull),
            AddToAppendOnly: Names(wanted[true], table => !table.HasIdentity && !table.InAppendOnly),
            DropFromFull: Names(tables, table => table.InFull && (!isWanted(table) || !table.HasIdentity)),
            DropFromAppendOnly: Names(tables, table => table.InAppendOnly && (!isWanted(table) || table.HasIdentity)));
    }

    private static List<TableName> Names(IEnumerable<PublishedTable> tables, Func<PublishedTable, bool> where) =>
        [.. tables.Where(where).Select(table => table.Name)];
}
