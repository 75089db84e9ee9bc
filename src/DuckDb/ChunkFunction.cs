using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Philotes.DuckDb;

/// <summary>The table function of an engine whose rows come from us: those of the stream that is open. Registered once in an engine's life; one stream at a time.</summary>
public sealed class ChunkFunction : IDisposable
{
    public const string Call = "philotes_rows()";

    private GCHandle _self;
    private volatile ChunkStream? _open;

    private ChunkFunction() => _self = GCHandle.Alloc(this);

    /// <param name="connection">Any of the engine's; the function is there for all of them.</param>
    public static ChunkFunction Register(DuckDbConnection connection)
    {
        var function = new ChunkFunction();
        function.Register(connection.Handle);
        return function;
    }

    /// <exception cref="InvalidOperationException">Another stream is open.</exception>
    public ChunkStream Open(IReadOnlyList<DuckDbField> columns)
    {
        var stream = new ChunkStream(this, columns);
        return Interlocked.CompareExchange(ref _open, stream, null) is null
            ? stream
            : throw new InvalidOperationException("The engine's rows come from another stream already.");
    }

    /// <summary>Only after the engine is closed.</summary>
    public void Dispose()
    {
        if (_self.IsAllocated)
            _self.Free();
    }

    internal void Closed(ChunkStream stream) => Interlocked.CompareExchange(ref _open, null, stream);

    private unsafe void Register(ConnectionHandle connection)
    {
        var function = NativeMethods.CreateTableFunction();
        try
        {
            NativeMethods.SetFunctionName(function, "philotes_rows");
            NativeMethods.SetFunctionExtraInfo(function, GCHandle.ToIntPtr(_self), destroy: null);
            NativeMethods.SetFunctionBind(function, &Bind);
            NativeMethods.SetFunctionInit(function, &Init);
            NativeMethods.SetFunctionBody(function, &Pull);
            if (NativeMethods.RegisterTableFunction(connection, function) != 0)
                throw new DuckDbException("DuckDB did not register the table function.");
        }
        finally
        {
            NativeMethods.DestroyTableFunction(ref function);
        }
    }

    private static ChunkStream From(nint extraInfo) =>
        ((ChunkFunction)GCHandle.FromIntPtr(extraInfo).Target!)._open ?? throw new DuckDbException("No rows are open for the engine.");

    // An exception must not unwind into the engine's frames: each callback turns it into the statement's error.
#pragma warning disable CA1031
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Bind(nint info)
    {
        try
        {
            From(NativeMethods.BindExtraInfo(info)).AddColumns(info);
        }
        catch (Exception exception)
        {
            NativeMethods.BindSetError(info, exception.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Init(nint info) => NativeMethods.InitSetMaxThreads(info, 1);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Pull(nint info, nint chunk)
    {
        try
        {
            From(NativeMethods.FunctionExtraInfo(info)).PullInto(chunk);
        }
        catch (Exception exception)
        {
            NativeMethods.FunctionSetError(info, exception.Message);
        }
    }
#pragma warning restore CA1031
}
