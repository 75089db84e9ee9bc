using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Philotes.Iceberg.Storage.S3;

/// <summary>
/// Takes the place of the SDK's own signing: each request, complete but for its signature, is signed by somebody else. The body is not part of
/// such a signature (<c>UNSIGNED-PAYLOAD</c>). Each repetition of a request is signed anew, because a signature holds for minutes.
/// </summary>
internal sealed class RemoteSigner(RemoteSignature sign, string? region) : PipelineHandler
{
    private const string AnyRegion = "us-east-1";

    public override void InvokeSync(IExecutionContext executionContext) =>
        throw new NotSupportedException("Requests are signed elsewhere; only the asynchronous way waits for that.");

    public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        var context = executionContext.RequestContext;
        var request = context.Request;
        request.Headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
        request.Headers.Remove("Authorization");
        var uri = AmazonServiceClient.ComposeUrl(request);
        request.Headers["Host"] = uri.IsDefaultPort ? uri.Host : $"{uri.Host}:{uri.Port}";
        var own = new Dictionary<string, string>(request.Headers, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in await sign(request.HttpMethod, uri, region ?? AnyRegion, own, context.CancellationToken))
        {
            if (!own.ContainsKey(name) || name.Equals("x-amz-date", StringComparison.OrdinalIgnoreCase))
            {
                request.Headers[name] = value;
            }
        }

        return await base.InvokeAsync<T>(executionContext);
    }
}
