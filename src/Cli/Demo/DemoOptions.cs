namespace Philotes.Cli.Demo;

/// <param name="Folder">Everything that the demo leaves on disk is below it.</param>
/// <param name="Keep">Leave everything running after the comparison, until Ctrl-C.</param>
sealed record DemoOptions(string Folder, TimeSpan Duration, int TransactionsPerSecond, bool Keep);
