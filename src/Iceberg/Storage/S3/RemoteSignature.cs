namespace Philotes.Iceberg.Storage.S3;

/// <summary>Asks somebody who has the keys to sign one request; returns the headers to send with it, the caller's own among them.</summary>
/// <param name="method">GET, PUT …</param>
/// <param name="uri">The whole address, encoded as it will be sent.</param>
/// <param name="headers">What the request carries; the signer may add to them.</param>
public delegate Task<IReadOnlyDictionary<string, string>> RemoteSignature(
    string method, Uri uri, string region, IReadOnlyDictionary<string, string> headers, CancellationToken cancellationToken);
