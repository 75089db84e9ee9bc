namespace Philotes.Iceberg.Rest;

/// <summary>The token as it is now: a file or variable that was rotated holds from the next request on.</summary>
internal sealed class BearerAuthorization(Func<string> token) : RestAuthorization
{
    public override Task<RestAnswer?> AuthorizeAsync(HttpRequestMessage request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token());
        return Task.FromResult<RestAnswer?>(null);
    }
}
