namespace Philotes.Hosting.Tests.Configuration;

public sealed class SecretTests
{
    const string Password = "correct horse battery";

    static readonly Dictionary<string, string?> Environment = new() { ["SRC"] = Password };

    [Test]
    public void A_secret_is_never_printed()
    {
        var loaded = Samples.Load(Samples.Full, Environment);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loaded.Options.ToString(), Does.Not.Contain(Password));
            Assert.That(loaded.Options.Source.Connection!.ToString(), Does.Not.Contain(Password));
            Assert.That(ConfigurationPrinter.PrintEffective(loaded, origins: true), Does.Not.Contain(Password).And.Contain("password: \"***\""));
            Assert.That(ConfigurationPrinter.PrintSet(loaded, origins: false), Does.Not.Contain(Password));
        }
    }

    [Test]
    public void A_refused_configuration_does_not_print_a_secret_either()
    {
        var yaml = $"source: {{ connection: {{ host: a, databse: b, user: c, password: \"{Password}\", pasword: \"{Password}\" }} }}\nlake: {{ catalog: {{ uri: 'http://x', auth: {{ bearer: [\"{Password}\"] }} }} }}";
        Assert.That(string.Join('\n', Samples.Errors(yaml)), Does.Not.Contain(Password).And.Contain("pasword"));
    }

    [Test]
    public void An_inline_secret_works_and_is_warned_about()
    {
        var loaded = Samples.Load($"source: {{ connection: {{ host: a, database: b, user: c, password: \"{Password}\" }} }}");
        Assert.That(loaded.Options.Source.Connection!.Password!.Reveal(), Is.EqualTo(Password));
        Assert.That(loaded.Warnings.Single().ToString(), Does.Contain("inline").And.Not.Contain(Password));
    }

    [Test]
    public void A_secret_in_a_file_is_read_anew_each_time()
    {
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, "secret-" + Guid.NewGuid().ToString("N"));
        File.WriteAllText(file, "first\n");
        var byReference = Samples.Load($"source: {{ connection: {{ host: a, database: b, user: c, password: \"${{file:{file}}}\" }} }}");
        var byKey = Samples.Load($"source: {{ connection: {{ host: a, database: b, user: c, password_file: {file} }} }}");
        File.WriteAllText(file, "second\n");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(byReference.Options.Source.Connection!.Password!.Reveal(), Is.EqualTo("second"));
            Assert.That(byKey.Options.Source.Connection!.ToConnectionString("x"), Does.Contain("second"));
        }
        File.Delete(file);
    }

    [TestCase("${file:/no/such/file}", "cannot be read")]
    [TestCase("${env:NOT_THERE}", "which is not set")]
    [TestCase("${vault:path#key}", "file or env")]
    [TestCase("${file:/x", "is not closed")]
    public void A_reference_that_leads_nowhere_is_refused(string reference, string message)
    {
        var errors = Samples.Errors($"source: {{ connection: {{ host: a, database: b, user: c, password: \"{reference}\" }} }}");
        Assert.That(errors.Single().ToString(), Does.Contain("source.connection.password").And.Contain(message));
    }
}
