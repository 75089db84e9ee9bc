// The house's tasks. Each is small and says what it leaves behind; `./build.sh` is the way in.
using System.Xml.Linq;

var target = Argument("target", "build");
var configuration = Argument("configuration", "Release");
var solution = "Philotes.sln";
var results = Directory("artifacts/test-results");

Task("restore")
    .Description("Packages of the solution, from the lock files.")
    .Does(() => DotNetRestore(solution, new DotNetRestoreSettings { LockedMode = true }));

Task("native")
    .Description("The binaries that npm carries (DuckDB, embedded Postgres, the foreign readers), from native/package-lock.json.")
    .Does(() =>
{
    var stamp = File("native/node_modules/.philotes-lock");
    var wanted = System.IO.File.ReadAllText("native/package-lock.json");
    if (FileExists(stamp) && System.IO.File.ReadAllText(stamp) == wanted)
    {
        return;
    }

    Run("npm", "ci --no-audit --no-fund --loglevel=error", "native");
    System.IO.File.WriteAllText(stamp, wanted);
});

Task("build")
    .Description("Everything compiled, analyzers as errors.")
    .IsDependentOn("restore")
    .IsDependentOn("native")
    .Does(() => DotNetBuild(solution, new DotNetBuildSettings { Configuration = configuration, NoRestore = true, Verbosity = DotNetVerbosity.Quiet }));

Task("test")
    .Description("Every test. The last line is the total.")
    .IsDependentOn("build")
    .Does(() =>
{
    CleanDirectory(results);
    // The longest first, two at a time: much of their time is waiting for the servers and processes that they start, and no test judges by the clock.
    string[] longest = ["EndToEnd", "Cli", "Capture", "BatchWriter", "Exactness", "Iceberg"];
    var projects = GetFiles("tests/*.Tests/*.csproj").OrderBy(project => Array.FindIndex(longest, name => project.GetFilename().ToString() == $"Philotes.{name}.Tests.csproj") is >= 0 and var at ? at : longest.Length);
    var failedProjects = new System.Collections.Concurrent.ConcurrentBag<FilePath>();
    System.Threading.Tasks.Parallel.ForEach(
        System.Collections.Concurrent.Partitioner.Create(projects, System.Collections.Concurrent.EnumerablePartitionerOptions.NoBuffering),
        new System.Threading.Tasks.ParallelOptions { MaxDegreeOfParallelism = 2 },
        project =>
        {
            if (!Test(project))
            {
                failedProjects.Add(project.GetFilenameWithoutExtension());
            }
        });
    foreach (var failure in Failures())
    {
        Console.WriteLine(failure);
    }

    var totals = Totals();
    Console.WriteLine($"{totals.Passed} passed, {totals.Failed} failed, {totals.Skipped} skipped");
    if (failedProjects.Count > 0 || totals.Passed == 0)
    {
        throw new CakeException($"Tests failed in: {string.Join(", ", failedProjects)}");
    }
});

Task("torture")
    .Description("Everything dies and lies at once: --minutes 10 --seed N (a random one). The words \"torture, seed\" end it well.")
    .IsDependentOn("build")
    .Does(() =>
{
    var seed = Argument("seed", Random.Shared.Next(1, 1_000_000));
    var exitCode = StartProcess("dotnet", new ProcessSettings
    {
        Arguments = $"test tests/EndToEnd.Tests --configuration {configuration} --no-build --nologo --filter FullyQualifiedName~TortureTests --logger \"console;verbosity=normal\"",
        EnvironmentVariables = new Dictionary<string, string> { ["PHILOTES_TORTURE_MINUTES"] = Argument("minutes", "10"), ["PHILOTES_TEST_SEED"] = seed.ToString() },
    });
    if (exitCode != 0)
    {
        throw new CakeException($"The torture of seed {seed} found something. --seed {seed} repeats its draws.");
    }
});

Task("bench")
    .Description("The benchmarks of tests/Benchmarks, as ratios against limits measured in the same run.")
    .IsDependentOn("build")
    .Does(() => Run("dotnet", $"run --project tests/Benchmarks --configuration {configuration} --no-build"));

Task("publish")
    .Description("artifacts/publish: the four programs by name, DuckDB's library beside them.")
    .IsDependentOn("native")
    .Does(() =>
{
    CleanDirectory("artifacts/publish");
    foreach (var project in new[] { "Capture", "BatchWriter", "Catalog", "Cli" })
    {
        DotNetPublish($"src/{project}/Philotes.{project}.csproj", new DotNetPublishSettings
        {
            Configuration = configuration,
            OutputDirectory = "artifacts/publish",
            Runtime = "linux-x64",
            SelfContained = false,
            ArgumentCustomization = arguments => arguments.Append("-p:RestoreLockedMode=true"),
        });
    }

    CopyFiles(GetFiles("native/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so*"), "artifacts/publish");
    foreach (var program in new[] { "philotes", "philotes-capture", "philotes-batch-writer", "philotes-catalog", "libduckdb.so" })
    {
        if (!FileExists($"artifacts/publish/{program}"))
        {
            throw new CakeException($"artifacts/publish lacks {program}.");
        }
    }
});

Task("format")
    .Description("Refuses files that dotnet format would change.")
    .Does(() => Run("dotnet", $"format whitespace {solution} --verify-no-changes"));

// What an assembly prints comes in one piece, when it is through.
bool Test(FilePath project)
{
    Console.WriteLine($"Testing {project.GetFilenameWithoutExtension()} ...");
    var exitCode = StartProcess("dotnet", new ProcessSettings
    {
        Arguments = $"test {project} --configuration {configuration} --no-build --nologo --logger \"trx;LogFileName={project.GetFilenameWithoutExtension()}.trx\" --results-directory {results}",
        RedirectStandardOutput = true,
    }, out var printed);
    Console.WriteLine(string.Join(Environment.NewLine, printed));
    return exitCode == 0;
}

// What failed, a line each, for whoever sees only the end of the output.
IEnumerable<string> Failures() =>
    from file in GetFiles($"{results}/*.trx")
    from test in XDocument.Load(file.FullPath).Descendants().Where(element => element.Name.LocalName == "UnitTestResult")
    where (string)test.Attribute("outcome") is not ("Passed" or "NotExecuted")
    let message = string.Join(' ', test.Descendants().Where(element => element.Name.LocalName == "Message").Select(element => element.Value)).ReplaceLineEndings(" | ")
    select $"FAILED {file.GetFilenameWithoutExtension()}: {test.Attribute("testName").Value}: {(message.Length > 900 ? message[..900] + " ..." : message)}";

(int Passed, int Failed, int Skipped) Totals()
{
    var (passed, failed, skipped) = (0, 0, 0);
    foreach (var file in GetFiles($"{results}/*.trx"))
    {
        var counters = XDocument.Load(file.FullPath).Descendants().Single(element => element.Name.LocalName == "Counters");
        int Count(string name) => (int)counters.Attribute(name);
        passed += Count("passed");
        failed += Count("failed") + Count("error") + Count("timeout") + Count("aborted");
        skipped += Count("total") - Count("executed");
    }

    return (passed, failed, skipped);
}

void Run(string program, string arguments, string folder = ".")
{
    var exitCode = StartProcess(program, new ProcessSettings { Arguments = arguments, WorkingDirectory = folder });
    if (exitCode != 0)
    {
        throw new CakeException($"{program} {arguments} ended with {exitCode}.");
    }
}

RunTarget(target);
