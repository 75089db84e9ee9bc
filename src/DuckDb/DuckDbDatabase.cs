using System.Runtime.InteropServices;

namespace Philotes.DuckDb;

/// <summary>One engine instance in memory. Instances share nothing, so their limits and failures are their own.</summary>
public sealed class DuckDbDatabase : IDisposable
{
    private readonly DatabaseHandle _handle;

    private DuckDbDatabase(DatabaseHandle handle) => _handle = handle;

    public static DuckDbDatabase OpenInMemory(DuckDbOptions options)
    {
        _ = NativeMethods.CreateConfig(out var config);
        try
        {
            foreach (var (name, value) in options.Settings())
            {
                if (NativeMethods.SetConfig(config, name, value) != 0)
                    throw new DuckDbException($"DuckDB has no setting '{name}' = '{value}'.");
            }
            return Open(config);
        }
        finally
        {
            NativeMethods.DestroyConfig(ref config);
        }
    }

    /// <summary>Loads the engine's library, so that a missing one is found before there is work.</summary>
    /// <exception cref="DllNotFoundException">It is nowhere; the message says where it was looked for.</exception>
    public static void RequireLibrary() => _ = NativeMethods.VectorSize();

    public DuckDbConnection Connect() =>
        NativeMethods.Connect(_handle, out var connection) == 0
            ? new DuckDbConnection(connection)
            : throw new DuckDbException("DuckDB gave no connection.");

    public void Dispose() => _handle.Dispose();

    private static DuckDbDatabase Open(nint config)
    {
        if (NativeMethods.Open(":memory:", out var database, config, out var error) == 0)
            return new DuckDbDatabase(database);
        var message = Marshal.PtrToStringUTF8(error);
        NativeMethods.Free(error);
        throw new DuckDbException($"DuckDB did not open: {message}");
    }
}
