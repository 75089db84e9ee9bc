using Philotes.Catalog;
using Philotes.Hosting;

var exitCode = await PhilotesProgram.RunAsync(PhilotesProcess.Catalog, args, static (services, options) => services.AddCatalog(options));
return exitCode == ExitCode.Ok ? Environment.ExitCode : exitCode;
