using System.Diagnostics.Metrics;
using Philotes.Buffer;

namespace Philotes.Capture.Tests;

/// <summary>The source's checks beside the stream, round after round: what becomes bad is said once each time that it does, and the metric follows.</summary>
[CancelAfter(180_000)]
internal sealed class SourceCheckWatchTests
{
    [Test]
    public async Task A_check_is_said_when_it_begins_to_fail_and_again_when_it_was_good_meanwhile(CancellationToken token)
    {
        await using var rig = await CaptureRig.CreateAsync(token);
        rig.Time = new FastTime(300);
        rig.Settings = rig.Settings with { PublicationName = "given" };
        await rig.ExecuteAsync("create table t (id int primary key)", token);
        using var meter = new Meter(nameof(SourceCheckWatchTests));
        using var listener = new MeterListener();
        var (fails, looks) = (-1, 0);
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, count, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(tag => tag.Key, tag => (string)tag.Value!);
            if (named["id"] == "DR08" && named["result"] == "fail")
                fails = count;
        });
        var metrics = new CheckMetrics(meter);
        listener.Start();
        using var watch = new SourceCheckWatch(rig.Settings, metrics, rig.Runtime());
        await watch.StartAsync(token);

        await RoundAsync(1);
        await rig.ExecuteAsync("create publication given for table t", token);
        await RoundAsync(0);
        await rig.ExecuteAsync("drop publication given", token);
        await RoundAsync(1);
        // A line is written behind its metric.
        await CaptureRig.UntilAsync(() => Task.FromResult(Said() >= 2), token);
        await CaptureRig.UntilAsync(() => Task.FromResult(++looks > 300), token);
        await watch.StopAsync(token);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Said(), Is.EqualTo(2), $"three seconds are three rounds more, and nothing began to fail{Environment.NewLine}{string.Join(Environment.NewLine, rig.Log.Lines)}");
        }

        int Said() => rig.Log.Lines.Count(line => line.Contains("DR08", StringComparison.Ordinal));

        Task RoundAsync(int failing) => CaptureRig.UntilAsync(
            () =>
            {
                listener.RecordObservableInstruments();
                return Task.FromResult(fails == failing);
            }, token);
    }
}
