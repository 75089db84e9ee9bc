using Philotes.Benchmarks;

// 'types': decoding type by type, and tuples to Parquet. 'commits': P4 and P5, what a commit costs. 'tables': P6, 500 of them.
// 'copy' with a shape (narrow, trips, large), the number of rows, and changes a second meanwhile: P7, the initial copy. 'verify': one changed digit found in 10,000,000 rows. Else, with the number of rows:
// P1 capture of a backlog, P2 buffer to lake, P3 end to end under load: each as rows a second, the limit of the same run, the ratio.
if (args is ["types", ..])
{
    TypeBenchmark.Decode();
    TypeBenchmark.Encode(1_000_000);
    return 0;
}

if (args is ["commits", ..])
{
    await using var commits = await CommitBenchmark.StartAsync(CancellationToken.None);
    await commits.RunAsync(1_000, CancellationToken.None);
    return 0;
}

if (args is ["tables", ..])
{
    await ManyTables.RunAsync(500, TimeSpan.FromMinutes(2), CancellationToken.None);
    return 0;
}

if (args is ["copy", .. var copyArguments])
{
    var shape = copyArguments switch { ["trips", ..] => CopyShape.Trips, ["large", ..] => CopyShape.Large, _ => CopyShape.Narrow };
    var existing = copyArguments is [_, var number, ..] ? long.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : 10_000_000;
    var changes = copyArguments is [_, _, var perSecond] ? int.Parse(perSecond, System.Globalization.CultureInfo.InvariantCulture) : 0;
    using var hours = new CancellationTokenSource(TimeSpan.FromHours(2));
    await CopyBenchmark.RunAsync(shape, existing, changes, hours.Token);
    return 0;
}

if (args is ["verify", .. var count])
{
    using var hour = new CancellationTokenSource(TimeSpan.FromHours(1));
    await VerifyBenchmark.RunAsync(count is [var many, ..] ? int.Parse(many, System.Globalization.CultureInfo.InvariantCulture) : 10_000_000, hour.Token);
    return 0;
}

var rows = args is [var text, ..] ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 1_000_000;
using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(15));
await using var run = await BenchmarkRun.StartAsync(deadline.Token);
Console.WriteLine(Measurement.Header);
foreach (var measurement in await run.BacklogAsync(rows, deadline.Token))
{
    Console.WriteLine(measurement);
}

Console.WriteLine(await run.LoadAsync(rows, deadline.Token));
return 0;
