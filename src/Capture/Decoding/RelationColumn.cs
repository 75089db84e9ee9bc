namespace Philotes.Capture.Decoding;

internal sealed record RelationColumn(string Name, bool IsKey, uint TypeOid, int TypeModifier);
