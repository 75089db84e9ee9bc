using System.Text.Json;
using Microsoft.Extensions.Logging;
using Philotes.Shared;

namespace Philotes.Hosting.Tests.Observability;

public sealed class LogLineTests
{
    [Test]
    public void A_JSON_line_has_the_code_and_the_values_of_the_message()
    {
        using var output = new StringWriter();
        using var provider = new LineLoggerProvider(output, text: false, TimeProvider.System);
        provider.CreateLogger("Philotes.Capture").LogWarning(
            new EventId(1042), new PhilotesException("PH105", "Slot is ahead."), "Slot {SlotName} of {Table} at \"{Lsn}\"\nstopped after {Rows}", "s1", "public.orders", "16/B374D848", 12L);
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(1));
        using var json = JsonDocument.Parse(lines[0]);
        var root = json.RootElement;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(root.GetProperty("level").GetString(), Is.EqualTo("warn"));
            Assert.That(root.GetProperty("code").GetString(), Is.EqualTo("PH105"));
            Assert.That(root.GetProperty("event").GetInt32(), Is.EqualTo(1042));
            Assert.That(root.GetProperty("slot_name").GetString(), Is.EqualTo("s1"));
            Assert.That(root.GetProperty("rows").GetInt64(), Is.EqualTo(12));
            Assert.That(root.GetProperty("exception").GetString(), Is.EqualTo("PH105: Slot is ahead."));
            Assert.That(root.GetProperty("ts").GetDateTimeOffset(), Is.Not.EqualTo(default(DateTimeOffset)));
        }
    }

    [Test]
    public void Of_the_same_warning_one_a_minute_is_written_and_the_rest_counted()
    {
        using var output = new StringWriter();
        var time = new SteppedTime();
        using var provider = new LineLoggerProvider(output, text: true, time);
        var logger = provider.CreateLogger("x");
        for (var i = 0; i < 5; i++)
            logger.LogWarning(new EventId(7), "{Table} failed", "a");
        logger.LogWarning(new EventId(7), "{Table} failed", "b");
        time.Step(TimeSpan.FromMinutes(2));
        logger.LogWarning(new EventId(7), "{Table} failed", "a");
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(lines[2], Does.Contain("4 like it left out"));
    }

    sealed class SteppedTime : TimeProvider
    {
        long _timestamp;

        public override long GetTimestamp() => _timestamp;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Step(TimeSpan by) => _timestamp += by.Ticks;
    }
}
