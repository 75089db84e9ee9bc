using System.Runtime.InteropServices;

namespace Philotes.DuckDb;

/// <summary>DuckDB's C API, as far as it is used; names and meaning are those of duckdb.h. A state of 0 is success.</summary>
internal static unsafe partial class NativeMethods
{
    static NativeMethods() => NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, DuckDbLibrary.Resolve);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_create_config")]
    internal static partial int CreateConfig(out nint config);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_set_config", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetConfig(nint config, string name, string value);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_destroy_config")]
    internal static partial void DestroyConfig(ref nint config);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_open_ext", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, out DatabaseHandle database, nint config, out nint error);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_close")]
    internal static partial void Close(ref nint database);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_connect")]
    internal static partial int Connect(DatabaseHandle database, out ConnectionHandle connection);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_disconnect")]
    internal static partial void Disconnect(ref nint connection);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_free")]
    internal static partial void Free(nint memory);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_query", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Query(ConnectionHandle connection, string sql, out QueryResult result);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_result_error")]
    internal static partial nint ResultError(ref QueryResult result);

    /// <summary>The next chunk of a result, which the caller destroys; 0 behind the last.</summary>
    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_fetch_chunk")]
    internal static partial nint FetchChunk(QueryResult result);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_destroy_result")]
    internal static partial void DestroyResult(ref QueryResult result);

    [LibraryImport(DuckDbLibrary.Name, EntryPoint = "duckdb_vector_size")]
    internal static partial ulong VectorSize();

    /// <summary>duckdb_result: five deprecated fields and the engine's own pointer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct QueryResult
    {
        internal fixed long Deprecated[5];
        internal nint Result;
    }
}
