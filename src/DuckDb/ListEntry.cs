using System.Runtime.InteropServices;

namespace Philotes.DuckDb;

/// <summary>Where a row's elements lie in the child vector.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct ListEntry(ulong Offset, ulong Length);
