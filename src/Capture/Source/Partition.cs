using Philotes.Shared;

namespace Philotes.Capture.Source;

/// <summary>A partition that holds rows itself.</summary>
/// <param name="Root">The partitioned table at the top, which is captured.</param>
/// <param name="WasAttached">It, or a partition that it is part of, was a table of its own before.</param>
/// <param name="HasRows">It takes room on disk now.</param>
internal sealed record Partition(uint Oid, TableName Name, uint Root, bool WasAttached, bool HasRows);
