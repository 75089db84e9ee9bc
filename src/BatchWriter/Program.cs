using Philotes.BatchWriter;
using Philotes.Hosting;

return await PhilotesProgram.RunAsync(PhilotesProcess.BatchWriter, args, (services, options) => services.AddBatchWriter(options));
