using Philotes.DuckDb;

namespace Philotes.Iceberg.Parquet;

/// <summary>The thread on which one COPY runs while another fills its rows. It belongs to the writer that started it.</summary>
internal sealed class EncodeThread
{
    private readonly Thread _thread;
    private Exception? _failure;

    public EncodeThread(DuckDbConnection connection, ChunkStream rows, string statement)
    {
        _thread = new Thread(() => Run(connection, rows, statement)) { IsBackground = true, Name = "parquet-encode" };
        _thread.Start();
    }

    /// <summary>Waits for the end; gives what the statement failed with, or null.</summary>
    public Exception? Join()
    {
        _thread.Join();
        return _failure;
    }

#pragma warning disable CA1031 // Whatever it is, it is the owner's to throw: an exception that leaves a thread ends the process.
    private void Run(DuckDbConnection connection, ChunkStream rows, string statement)
    {
        try
        {
            connection.Execute(statement);
        }
        catch (Exception exception)
        {
            _failure = exception;
        }
        finally
        {
            rows.Stop();
        }
    }
#pragma warning restore CA1031
}
