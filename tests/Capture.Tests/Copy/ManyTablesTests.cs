using System.Globalization;

namespace Philotes.Capture.Tests.Copy;

internal sealed class ManyTablesTests
{
    /// <summary>PHILOTES_COPY_TABLES, or as many as take some seconds.</summary>
    private static readonly int Tables = int.TryParse(Environment.GetEnvironmentVariable("PHILOTES_COPY_TABLES"), CultureInfo.InvariantCulture, out var tables) ? tables : 150;

    [Test]
    [CancelAfter(600_000)]
    public async Task Many_tables_are_copied_at_once(CancellationToken token)
    {
        await using var rig = await CopyRig.CreateAsync(token);
        for (var some = 0; some < Tables; some += 50)
        {
            await rig.ExecuteAsync($"""
                do $$ begin for i in {some} .. {Math.Min(some + 50, Tables) - 1} loop
                  execute format('create table m%s (id int primary key)', i);
                  execute format('insert into m%s values (%s), (%s)', i, i, i + {Tables});
                end loop; end $$
                """, token);
        }

        var started = TimeProvider.System.GetTimestamp();
        await using var capture = await rig.StartAsync(token);
        await CaptureRig.UntilAsync(async () => await rig.BufferAsync<long>("select count(*) from philotes.table_copy where state = 'active'", token) == Tables, token);
        TestContext.Out.WriteLine($"{Tables} tables in {TimeProvider.System.GetElapsedTime(started)}");
        Assert.That(
            (await rig.EventsAsync(token)).Select(e => $"{e.Op} {e.Table} {e.New![0]}"),
            Is.EquivalentTo(Enumerable.Range(0, 2 * Tables).Select(id => $"r m{id % Tables} {id}")), "every row of every table, once");
    }
}
