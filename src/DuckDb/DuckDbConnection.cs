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
        var state = NativeMethods.Query(Handle, sql, out var result);
        try
        {
            if (state != 0)
                throw new DuckDbException(Marshal.PtrToStringUTF8(NativeMethods.ResultError(ref result)) ?? "DuckDB failed without a message.");
        }
        finally
        {
            NativeMethods.DestroyResult(ref result);
        }
    }

    public void Dispose() => Handle.Dispose();
}
