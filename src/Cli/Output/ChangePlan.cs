using Philotes.Buffer.Operations;

namespace Philotes.Cli;

/// <summary>What a changing verb is about to do: sentences for the person, and the deed, which says what it did; no deed when there is nothing to do, which then needs no yes.</summary>
sealed record ChangePlan(IReadOnlyList<string> Sentences, Func<Signature, CancellationToken, Task<string>>? ApplyAsync);
