using Philotes.Cli.Demo;
using Philotes.Shared;

namespace Philotes.Cli.Tests.Demo;

public sealed class DemoFolderTests
{
    readonly string _folder = Path.Combine(TestContext.CurrentContext.WorkDirectory, "demo-" + Guid.NewGuid().ToString("N"));

    [TearDown]
    public void RemoveFolder()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void A_folder_with_files_of_somebody_else_is_left_alone()
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "thesis.txt"), "years of work");
        Assert.That(() => DemoFolder.Open(_folder), Throws.TypeOf<PhilotesException>().With.Message.Contains("not a demo's"));
        Assert.That(File.Exists(Path.Combine(_folder, "thesis.txt")), Is.True);
    }

    [Test]
    public void A_demo_empties_the_folder_of_an_earlier_one_but_not_of_a_running_one()
    {
        using (var first = DemoFolder.Open(_folder))
        {
            File.WriteAllText(Path.Combine(first.Warehouse, "old"), "");
            Assert.That(() => DemoFolder.Open(_folder), Throws.TypeOf<PhilotesException>().With.Message.Contains("is running"));
        }
        using var second = DemoFolder.Open(_folder);
        Assert.That(Directory.EnumerateFileSystemEntries(second.Warehouse), Is.Empty);
    }
}
