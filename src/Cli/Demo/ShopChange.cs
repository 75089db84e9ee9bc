using Philotes.Shared;

namespace Philotes.Cli.Demo;

/// <summary>
/// What one change must look like in the lake. Values stand in column order, as text: of a delete only the key, of anything else the whole
/// row. OldKey is there where an update changed the key.
/// </summary>
sealed record ShopChange(ChangeKind Kind, IReadOnlyList<string?> Values, IReadOnlyList<string?>? OldKey);
