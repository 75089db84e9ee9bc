namespace Philotes.Buffer.Tests;

/// <summary>Tests that begin with a buffer of their own, with one table in it and a capture that may write.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal abstract class OneTableTests
{
    protected BufferFixture Buffer { get; private set; } = null!;

    protected int Table { get; private set; }

    protected int Schema { get; private set; }

    [SetUp]
    public async Task CreateAsync()
    {
        Buffer = await BufferFixture.CreateAsync();
        (Table, Schema) = await Buffer.TableAsync();
        await Buffer.Appender.BeginAsync(Buffer.Source.SourceId, "test");
    }

    [TearDown]
    public ValueTask DisposeAsync() => Buffer.DisposeAsync();
}
