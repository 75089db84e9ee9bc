namespace Philotes.Hosting;

/// <summary>
/// What the process's work says about itself. A worker calls <see cref="Progress"/> each time its loop turns, idle turns included, and
/// <see cref="Ready"/> or <see cref="NotReady"/> when it can or cannot do its job.
/// </summary>
public sealed class ProcessHealth(TimeProvider time)
{
    volatile string? _problem = "is starting";
    long _lastProgress = time.GetTimestamp();

    /// <summary>Why the process is not ready; null when it is.</summary>
    public string? Problem => _problem;

    public TimeSpan SinceProgress => time.GetElapsedTime(Interlocked.Read(ref _lastProgress));

    /// <summary>True once <see cref="Progress"/> was called: only then can a missing turn mean a stuck loop.</summary>
    public bool Turns { get; private set; }

    public void Progress()
    {
        Turns = true;
        Interlocked.Exchange(ref _lastProgress, time.GetTimestamp());
    }

    public void Ready() => _problem = null;

    public void NotReady(string problem) => _problem = problem;
}
