namespace Philotes.Hosting;

sealed record ObservabilityAddress(PhilotesProcess Process, ListenAddress Listen);
