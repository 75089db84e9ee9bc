using System.Runtime.InteropServices;

namespace Philotes.DuckDb;

/// <summary>A connection; used by one thread at a time.</summary>
public sealed class DuckDbConnection : IDisposable
{
    internal DuckDbConnection(ConnectionHandle handle) => Handle = handle;

    internal ConnectionHandle Handle { get; }

    /// <summary>Runs a statement to its end and drops its rows.</summary>
    public void Execute(string sql)
    {
        var result = Run(sql);
        NativeMethods.DestroyResult(ref result);
    }

    /// <summary>
    /// Runs a statement and returns its rows as texts: for small results whose columns are all VARCHAR, which is for the statement to see to.
    /// Null is NULL.
    /// </summary>
    public IReadOnlyList<string?[]> QueryTexts(string sql)
    {
        var result = Run(sql);
        try
        {
            var rows = new List<string?[]>();
            while (NativeMethods.FetchChunk(result) is not 0 and var chunk)
            {
                try
                {
                    TextRows.Read(chunk, rows);
                }
                finally
                {
                    NativeMethods.DestroyDataChunk(ref chunk);
                }
            }

            return rows;
        }
        finally
        {
            NativeMethods.DestroyResult(ref result);
        }
    }

    public void Dispose() => Handle.Dispose();

    private NativeMethods.QueryResult Run(string sql)
    {
        if (NativeMethods.Query(Handle, sql, out var result) == 0)
            return result;
        var message = Marshal.PtrToStringUTF8(NativeMethods.ResultError(ref result)) ?? "DuckDB failed without a message.";
        NativeMethods.DestroyResult(ref result);
        throw new DuckDbException(message);
    }
}
