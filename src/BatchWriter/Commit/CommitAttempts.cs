using System.Globalization;
using Philotes.Iceberg.Rest;
using Philotes.Shared;

namespace Philotes.BatchWriter.Commit;

/// <summary>Counts one batch's sends, waits between them, and ends them by throwing when a budget is used up.</summary>
internal sealed class CommitAttempts(TimeProvider clock)
{
    private const int ConflictMax = 10;
    private const int SameFailureMax = 3;
    private static readonly TimeSpan UnknownMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ConflictWaitMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ConflictWaitMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UnknownWaitMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UnknownWaitMax = TimeSpan.FromSeconds(60);

    private readonly long _started = clock.GetTimestamp();
    private int _conflicts;
    private int _refusals;
    private int _unknowns;
    private int _same;
    private (string Text, long? Head) _last;

    public int Count => _conflicts + _unknowns + _refusals;

    public Task AfterConflictAsync(string text, CancellationToken cancellationToken)
    {
        if (++_conflicts > ConflictMax)
        {
            throw new PhilotesException("PH301", string.Create(CultureInfo.InvariantCulture,
                $"Other commits to the table came first {_conflicts} times: {text} The batch stays staged and is tried again; check what else commits so often."));
        }

        return WaitAsync(ConflictWaitMin, ConflictWaitMax, _conflicts, cancellationToken);
    }

    /// <summary>
    /// A refusal of a request whose head had moved is a conflict in other words. One that is no matter of rights is heard twice before it counts: something on
    /// the way may have said it, and a request planned anew on what the catalog holds now is another request.
    /// </summary>
    public Task AfterRefusalAsync(CommitOutcome.Refused refused, bool headMoved, CancellationToken cancellationToken) => headMoved
        ? AfterConflictAsync(refused.Text, cancellationToken)
        : refused.Status is 400 or 422 && _refusals++ == 0 ? WaitAsync(ConflictWaitMin, ConflictWaitMax, 1, cancellationToken)
        : throw new PhilotesException(refused.Status is 401 or 403 ? "PH312" : "PH305", string.Create(CultureInfo.InvariantCulture,
            $"The catalog refused the commit ({refused.Status}): {refused.Text} The staged files are kept. Change the catalog's configuration or rights, then retry the batch."));

    /// <summary>The same failure again and again on a head that does not move is a refusal that calls itself a failure.</summary>
    public Task AfterUnknownAsync(CommitOutcome.Unknown unknown, long? head, CancellationToken cancellationToken)
    {
        _unknowns++;
        _same = _last == (unknown.Text, head) ? _same + 1 : 1;
        _last = (unknown.Text, head);
        if (_same >= SameFailureMax && unknown.Status == 500)
        {
            throw new PhilotesException("PH305", string.Create(CultureInfo.InvariantCulture,
                $"The catalog failed {_same} times in the same way and the table did not move: {unknown.Text} The staged files are kept. Read the catalog's log, then retry the batch."), unknown.Cause);
        }

        if (clock.GetElapsedTime(_started) > UnknownMax)
            throw new PhilotesException("PH303", $"The outcome of a commit stayed unknown: {unknown.Text} The staged files are kept and the batch is tried again.", unknown.Cause);
        var asked = unknown.RetryAfter is { } wait ? (wait < UnknownMax ? wait : UnknownMax) : TimeSpan.Zero;
        return Task.Delay(asked + Backoff.Jittered(UnknownWaitMin, UnknownWaitMax, _unknowns), clock, cancellationToken);
    }

    private Task WaitAsync(TimeSpan first, TimeSpan longest, int attempt, CancellationToken cancellationToken) =>
        Task.Delay(Backoff.Jittered(first, longest, attempt), clock, cancellationToken);
}
