using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Philotes.Hosting;
using Philotes.Testing;

namespace Philotes.BatchWriter.Tests;

/// <summary>The writer's checks beside the work, round after round: what becomes bad is said once each time that it does, and the metric follows.</summary>
[CancelAfter(120_000)]
public sealed class CheckRoundsTests
{
    [Test]
    public async Task Checks_of_the_buffer_are_said_when_they_begin_to_fail_and_again_when_they_were_good_meanwhile()
    {
        await using var bench = await WriterBench.StartAsync();
        using var metrics = new Checks();
        var log = new LogLines<BufferCheckJob>();
        var job = new BufferCheckJob(bench.Buffer, metrics.State, bench.Options, bench.Metrics, log);
        var seen = new List<(int Fails, int Said)>();
        await RoundAsync();
        await ExecuteAsync(bench, "revoke usage on schema philotes from philotes_writer");
        await RoundAsync();
        await RoundAsync();
        await ExecuteAsync(bench, "grant usage on schema philotes to philotes_writer");
        await RoundAsync();
        await ExecuteAsync(bench, "revoke usage on schema philotes from philotes_writer");
        await RoundAsync();
        Assert.That(seen, Is.EqualTo(new[] { (0, 0), (1, 1), (1, 1), (0, 1), (1, 2) }), string.Join(Environment.NewLine, log.Lines));

        async Task RoundAsync()
        {
            await job.Execute(null!, CancellationToken.None);
            seen.Add((metrics.Of("DR20", "fail"), log.Lines.Count(line => line.StartsWith("DR20 fails at the buffer", StringComparison.Ordinal))));
        }
    }

    [Test]
    public async Task Checks_of_the_lake_are_said_when_they_begin_to_fail_and_again_when_they_were_good_meanwhile()
    {
        await using var bench = await WriterBench.StartAsync();
        await using var proxy = ScriptedProxy.Start(bench.CatalogUri);
        using var metrics = new Checks();
        var log = new LogLines<LakeCheckJob>();
        var connection = new NpgsqlConnectionStringBuilder(bench.ConnectionString);
        var options = bench.Options with
        {
            Buffer = new BufferOptions { Connection = new ConnectionOptions { Host = connection.Host!, Port = connection.Port, Database = connection.Database!, User = connection.Username!, Password = Secret.Inline(connection.Password!), Tls = Tls.Disable } },
            Lake = bench.Options.Lake with { Catalog = new LakeCatalogOptions { Uri = proxy.Uri } },
        };
        var job = new LakeCheckJob(metrics.State, new LakeCheckTurn(), options, bench.Metrics, log);
        var seen = new List<(int Fails, int Well, int Said)>();
        await RoundAsync();
        proxy.Weather = _ => new ProxyFault.AnswerInstead(503);
        await RoundAsync();
        await RoundAsync();
        proxy.Weather = null;
        await RoundAsync();
        proxy.Weather = _ => new ProxyFault.AnswerInstead(503);
        await RoundAsync();
        Assert.That(seen, Is.EqualTo(new[] { (0, 1, 0), (1, 0, 1), (1, 0, 1), (0, 1, 1), (1, 0, 2) }), string.Join(Environment.NewLine, log.Lines));

        async Task RoundAsync()
        {
            await job.Execute(null!, CancellationToken.None);
            seen.Add((metrics.Of("DR40", "fail"), metrics.Of("DR40", "ok"), log.Lines.Count(line => line.StartsWith("DR40 fails at the catalog", StringComparison.Ordinal))));
        }
    }

    private static async Task ExecuteAsync(WriterBench bench, string sql)
    {
        await using var command = bench.Db.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>What the last rounds said, and the metric as a scrape would read it.</summary>
    private sealed class Checks : IDisposable
    {
        private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        private readonly MeterListener _listener = new();
        private readonly Dictionary<(string Id, string Result), int> _counts = [];

        public Checks()
        {
            var meters = _services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters))
                    self.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<int>((_, count, tags, _) =>
            {
                var named = tags.ToArray().ToDictionary(tag => tag.Key, tag => (string)tag.Value!);
                _counts[(named["id"], named["result"])] = count;
            });
            State = new ChecksState(meters);
            _listener.Start();
        }

        public ChecksState State { get; }

        public int Of(string id, string result)
        {
            _counts.Clear();
            _listener.RecordObservableInstruments();
            return _counts.GetValueOrDefault((id, result));
        }

        public void Dispose()
        {
            _listener.Dispose();
            _services.Dispose();
        }
    }
}
