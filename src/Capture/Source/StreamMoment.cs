namespace Philotes.Capture.Source;

/// <summary>Where in the stream a table is described, as far as the catalog's own marks (xmin, cmin) can be compared with it.</summary>
/// <param name="Xid">The transaction that the description comes in.</param>
/// <param name="Command">Changes of the catalog that this transaction made before this many of its commands lie before it; later ones may.</param>
/// <param name="IsRepeated">The source has described the table before in this session, and describes it again only after something changed.</param>
internal sealed record StreamMoment(uint Xid, uint Command, bool IsRepeated);
