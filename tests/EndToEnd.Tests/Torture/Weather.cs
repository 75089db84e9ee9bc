using Philotes.Testing;

namespace Philotes.EndToEnd.Tests.Torture;

/// <summary>
/// Bad weather for one proxy: at seeded moments the next request meets a fault. What is drawn follows from the seed; which request it meets does not, because
/// processes run as they like.
/// </summary>
/// <param name="faults">Draws one fault that may meet this request.</param>
/// <param name="every">Time between two faults, on average.</param>
internal sealed class Weather(Random random, TimeSpan every, Func<Random, ProxiedRequest, ProxyFault> faults)
{
    private readonly Lock _lock = new();
    private long _due = Environment.TickCount64;

    public ProxyFault? Next(ProxiedRequest request)
    {
        lock (_lock)
        {
            var now = Environment.TickCount64;
            if (now < _due)
            {
                return null;
            }

            _due = now + (long)(every.TotalMilliseconds * 2 * random.NextDouble());
            return faults(random, request);
        }
    }
}
