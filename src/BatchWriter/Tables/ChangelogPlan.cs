using Philotes.Buffer;
using Philotes.Iceberg.Types;

namespace Philotes.BatchWriter.Tables;

/// <summary>The schema that a changelog table must have before rows of one source schema can be written.</summary>
/// <param name="LastColumnId">The highest field id ever given out, these included.</param>
/// <param name="Changes">What differs from the schema that is there, in words; empty when nothing does.</param>
/// <param name="Notices">What an operator should know about it.</param>
internal sealed record ChangelogPlan(
    IReadOnlyList<NestedField> Fields, FieldRoles Roles, int LastColumnId, IReadOnlyList<string> Changes, IReadOnlyList<SchemaNotice> Notices);
