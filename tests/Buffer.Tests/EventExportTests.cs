using Philotes.Buffer.Operations;
using Philotes.Shared;
using Philotes.Testing;

namespace Philotes.Buffer.Tests;

/// <summary>Changes that wait for their table's copy are entered, or left out, while all changes are read.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class EventExportTests
{
    /// <summary>More than are read at once.</summary>
    private const int Chunks = 40;
    private const int RowsOfChunk = 3;

    private BufferFixture _buffer = null!;
    private int _table;

    [SetUp]
    public async Task CreateAsync()
    {
        _buffer = await BufferFixture.CreateAsync();
        (_table, var schema) = await _buffer.TableAsync();
        await _buffer.Appender.BeginAsync(_buffer.Source.SourceId, "test");
        await _buffer.ExecuteAsync($"insert into philotes.table_copy (table_id, state) values ({_table}, 'copying'); update philotes.table_head set held = true");
        for (var lsn = 1; lsn <= Chunks; lsn++)
        {
            await _buffer.FlushAsync(_table, schema, (ulong)(lsn * 16), RowsOfChunk);
        }
    }

    [TearDown]
    public async Task DisposeAsync()
    {
        await LedgerInvariants.CheckAsync(_buffer.Db);
        await _buffer.DisposeAsync();
    }

    [Test]
    public async Task What_is_entered_meanwhile_is_read_all_the_same_and_in_order()
    {
        var read = new List<Lsn>();
        await foreach (var found in new EventReader(_buffer.Db).AllAsync(new EventFilter(null), CancellationToken.None))
        {
            if (read.Count == 0)
            {
                await PassHeldAsync("null", keep: true);
                await _buffer.ExecuteAsync("update philotes.table_copy set state = 'active'; update philotes.table_head set held = false");
            }

            read.Add(found.CommitLsn);
        }

        Assert.That(read, Is.EqualTo(Enumerable.Range(1, Chunks).SelectMany(lsn => Enumerable.Repeat(new Lsn((ulong)(lsn * 16)), RowsOfChunk))));
    }

    [Test]
    public async Task What_the_copy_takes_the_place_of_meanwhile_is_told()
    {
        var failure = await Assert.ThrowsAsync<PhilotesException>(async () =>
        {
            var first = true;
            await foreach (var found in new EventReader(_buffer.Db).AllAsync(new EventFilter(null), CancellationToken.None))
            {
                if (first)
                {
                    await PassHeldAsync($"'0/{16 * (Chunks - 2):X}'", keep: false);
                }

                first = false;
            }
        });

        Assert.That((failure!.Code, failure.Message), Is.EqualTo(("PH014", failure.Message)));
        Assert.That(failure.Message, Does.StartWith("Changes of public.orders that were in the buffer at the beginning are not any more"));
    }

    private Task PassHeldAsync(string point, bool keep) => _buffer.ExecuteAsync($"select philotes.copy_pass_held({_table}, {point}, {(keep ? "true" : "false")})");
}
