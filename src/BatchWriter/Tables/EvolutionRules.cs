using Philotes.BatchWriter.Columns;
using Philotes.Hosting;

namespace Philotes.BatchWriter.Tables;

/// <summary>What of a table's settings decides how its lake table follows the source.</summary>
/// <param name="Pinned">Fields that a partition spec or sort order reads: they are never removed.</param>
internal sealed record EvolutionRules(
    TypeChoices Choices, BeforeImage Before, OnTypeChange OnTypeChange, OnDropColumn OnDropColumn, IReadOnlySet<int> Pinned)
{
    public static EvolutionRules Of(TableSettings settings) => Of(settings, new HashSet<int>());

    public static EvolutionRules Of(TableSettings settings, IReadOnlySet<int> pinned) =>
        new(TypeChoices.From(settings), settings.Before, settings.OnTypeChange, settings.OnDropColumn, pinned);
}
