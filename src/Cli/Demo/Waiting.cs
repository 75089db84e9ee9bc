using System.Globalization;
using Philotes.Shared;

namespace Philotes.Cli.Demo;

static class Waiting
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks until the answer is yes, for as long as the deadline allows.</summary>
    public static async Task UntilAsync(string what, TimeSpan deadline, Func<CancellationToken, Task<bool>> isSo, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await isSo(cancellationToken))
        {
            if (TimeProvider.System.GetElapsedTime(started) > deadline)
                throw new PhilotesException("PH604", string.Create(CultureInfo.InvariantCulture, $"Waited {deadline.TotalSeconds} s for {what} in vain; the logs of the two processes say why."));
            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
        }
    }
}
