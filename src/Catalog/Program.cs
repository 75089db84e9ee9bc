using Microsoft.Extensions.Hosting;
using Philotes.Catalog;
using Philotes.Hosting;

if (args is not ["--config", var file, .. var overrides])
{
    Console.Error.WriteLine("usage: philotes-catalog --config philotes.yaml [section.key=value ...]");
    return 2;
}

try
{
    var options = PhilotesConfiguration.Load(file, PhilotesConfiguration.Environment(), overrides).Require(PhilotesProcess.Catalog);
    var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = false });
    builder.Services.AddCatalog(options);
    await builder.Build().RunAsync();
    return 0;
}
catch (ConfigurationException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
