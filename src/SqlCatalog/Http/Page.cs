using System.Globalization;
using System.Text;

namespace Philotes.SqlCatalog.Http;

/// <summary>
/// One page of a listing, as asked for. The token is the last name of the page before, in base64url: keyset paging, so names
/// made or dropped in between neither repeat nor hide others. Who sends neither token nor size gets everything.
/// </summary>
internal sealed record Page(string After, int Size)
{
    const int SizeDefault = 1000;

    public bool IsWhole => Size == int.MaxValue;

    /// <summary>One row more than the page, which tells whether another page follows.</summary>
    public int RowsToRead => IsWhole ? Size : Size + 1;

    public static Page From(CatalogRequest request)
    {
        var (token, size) = (request.Query("pageToken"), request.Query("pageSize"));
        if (token is null && size is null)
            return new Page("", int.MaxValue);
        var rows = SizeDefault;
        if (size is not null && (!int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out rows) || rows is 0 or int.MaxValue))
            throw CatalogException.BadRequest($"pageSize '{size}' is not a positive number.");
        return new Page(Decode(token ?? ""), rows);
    }

    /// <summary>The names that go out, and the token of the next page, null after the last.</summary>
    public (IReadOnlyList<string> Names, string? NextToken) Cut(IReadOnlyList<string> rows) =>
        IsWhole || rows.Count <= Size ? (rows, null) : ([.. rows.Take(Size)], Encode(rows[Size - 1]));

    static string Encode(string name) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(name));

    static string Decode(string token)
    {
        try
        {
            return Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token));
        }
        catch (FormatException)
        {
            throw CatalogException.BadRequest("pageToken is not one that this catalog gave out.");
        }
    }
}
