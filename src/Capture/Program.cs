using Philotes.Capture;
using Philotes.Hosting;

var exitCode = await PhilotesProgram.RunAsync(PhilotesProcess.Capture, args, static (services, options) => services.AddCapture(options));
return exitCode == ExitCode.Ok ? Environment.ExitCode : exitCode;
