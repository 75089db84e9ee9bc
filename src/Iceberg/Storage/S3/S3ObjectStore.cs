using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Philotes.Iceberg.Storage.S3;

/// <summary>
/// Objects of an S3 store. Safe for concurrent use.
///
/// A put asks the store to refuse a name that is taken (<c>If-None-Match: *</c>) and carries an id of its own as metadata. So a put that was repeated because
/// its answer was lost recognises its own object in the refusal, and one whose outcome stayed unknown is looked up before it counts as failed. Some
/// stores ignore the condition where a multipart upload is completed; there the name is looked up first, which is enough because no two writers ever choose
/// the same name. Nothing relies on listings. A file above one part's size goes up in parts that are read from the file while they are sent;
/// it does not exist before the last of them, and a failed upload is aborted.
/// </summary>
public sealed class S3ObjectStore : IObjectStore, IDisposable
{
    private const string PutId = "philotes-put";

    private readonly S3Options _options;
    private readonly S3Connection _client;
    private readonly ExpiringKeys? _keys;
    private volatile bool _unconditional;

    private S3ObjectStore(S3Options options, S3Connection client, ExpiringKeys? keys) => (_options, _client, _keys) = (options, client, keys);

    /// <summary>With the credentials that the options name.</summary>
    internal static S3ObjectStore Open(S3Options options, S3HttpClients http) =>
        new(options, S3Connection.With(options, S3Connection.CredentialsOf(options), http), keys: null);

    /// <summary>With keys that are handed out for a while.</summary>
    internal static S3ObjectStore OpenWith(ExpiringKeys keys, S3Options options, S3HttpClients http) => new(options, S3Connection.With(options, keys, http), keys);

    /// <summary>Without keys: somebody else signs each request.</summary>
    internal static S3ObjectStore OpenSignedBy(RemoteSignature sign, S3Options options, S3HttpClients http) =>
        new(options, S3Connection.SignedBy(new RemoteSigner(sign, options.Region), options, http), keys: null);

    public void Dispose() => _client.Dispose();

    public Task PutNewAsync(string uri, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        PutAsync(uri, request => request.InputStream = new MemoryStream(bytes.ToArray(), writable: false), cancellationToken);

    public async Task PutNewFileAsync(string uri, string localPath, CancellationToken cancellationToken)
    {
        var length = new FileInfo(localPath).Length;
        if (length <= _options.PartBytes)
        {
            await PutAsync(uri, request => request.FilePath = localPath, cancellationToken);
            return;
        }

        var name = S3Name.Parse(uri);
        if (await IsTakenAsync(name, uri, cancellationToken))
        {
            throw S3Failures.Taken(uri);
        }

        var id = Guid.NewGuid().ToString("N");
        await SettleAsync(uri, name, id, () => new S3Upload(_client, _options, _keys, name, id, _unconditional).SendAsync(localPath, length, cancellationToken), cancellationToken);
    }

    public async Task<byte[]> ReadAsync(string uri, CancellationToken cancellationToken)
    {
        var name = S3Name.Parse(uri);
        return await CallAsync(uri, async () =>
        {
            using var reply = await _client.GetObjectAsync(name.Bucket, name.Key, cancellationToken);
            using var bytes = new MemoryStream();
            await using var body = new IdleLimitedStream(reply.ResponseStream, _options.IdleTimeout);
            await body.CopyToAsync(bytes, cancellationToken);
            return bytes.Length == reply.ContentLength ? bytes.ToArray() : throw new IOException($"{bytes.Length} of {reply.ContentLength} bytes arrived.");
        });
    }

    public async Task<Stream> OpenReadAsync(string uri, CancellationToken cancellationToken)
    {
        var name = S3Name.Parse(uri);
        return await CallAsync(uri, async () =>
            new IdleLimitedStream((await _client.GetObjectAsync(name.Bucket, name.Key, cancellationToken)).ResponseStream, _options.IdleTimeout));
    }

    public async Task<long?> HeadAsync(string uri, CancellationToken cancellationToken) =>
        (await HeadAsync(S3Name.Parse(uri), uri, cancellationToken))?.ContentLength;

    public async Task<DateTimeOffset?> WrittenAtAsync(string uri, CancellationToken cancellationToken) =>
        (await HeadAsync(S3Name.Parse(uri), uri, cancellationToken))?.LastModified is { } at ? new DateTimeOffset(at.ToUniversalTime()) : null;

    public async Task<bool> DeleteAsync(string uri, CancellationToken cancellationToken)
    {
        var name = S3Name.Parse(uri);
        return (await CallAsync(uri, () => _client.DeleteObjectAsync(name.Bucket, name.Key, cancellationToken))).DeleteMarker == "true";
    }

    public async Task<int> EndUploadsAsync(string folder, DateTimeOffset begunBefore, CancellationToken cancellationToken)
    {
        var name = S3Name.Parse(folder.TrimEnd('/'));
        var aborted = 0;
        ListMultipartUploadsResponse? page = null;
        do
        {
            var request = new ListMultipartUploadsRequest
            {
                BucketName = name.Bucket,
                Prefix = name.Key + "/",
                KeyMarker = page?.NextKeyMarker,
                UploadIdMarker = page?.NextUploadIdMarker,
            };
            page = await CallAsync(folder, () => _client.ListMultipartUploadsAsync(request, cancellationToken));
            foreach (var upload in (page.MultipartUploads ?? []).Where(upload => upload.Initiated?.ToUniversalTime() < begunBefore.UtcDateTime))
            {
                await CallAsync(folder, () => _client.AbortMultipartUploadAsync(name.Bucket, upload.Key, upload.UploadId, cancellationToken));
                aborted++;
            }
        }
        while (page.IsTruncated == true);
        return aborted;
    }

    private Task PutAsync(string uri, Action<PutObjectRequest> content, CancellationToken cancellationToken)
    {
        var name = S3Name.Parse(uri);
        var id = Guid.NewGuid().ToString("N");
        return SettleAsync(uri, name, id, () => _client.PutObjectAsync(Request(name, id, content), cancellationToken), cancellationToken);
    }

    private PutObjectRequest Request(S3Name name, string id, Action<PutObjectRequest> content)
    {
        var request = new PutObjectRequest
        {
            BucketName = name.Bucket,
            Key = name.Key,
            IfNoneMatch = _unconditional ? null : "*",
            UseChunkEncoding = false,
            DisablePayloadSigning = _client.SignsElsewhere,
            ServerSideEncryptionMethod = EncryptionOf(_options),
            ServerSideEncryptionKeyManagementServiceKeyId = _options.Encryption is S3Encryption.SseKms ? _options.KmsKey : null,
        };
        request.Metadata.Add(PutId, id);
        content(request);
        return request;
    }

    internal static ServerSideEncryptionMethod? EncryptionOf(S3Options options) => options.Encryption switch
    {
        S3Encryption.SseS3 => ServerSideEncryptionMethod.AES256,
        S3Encryption.SseKms => ServerSideEncryptionMethod.AWSKMS,
        _ => null,
    };

    internal static void Mark(InitiateMultipartUploadRequest request, string id) => request.Metadata.Add(PutId, id);

    /// <summary>Sends a put and finds out what became of it: in, refused because the name is another's, or not in.</summary>
    private async Task SettleAsync(string uri, S3Name name, string id, Func<Task> send, CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync(uri, async () =>
            {
                await send();
                return true;
            });
        }
        catch (ObjectStoreException failed) when (failed.Failure is ObjectStoreFailure.AlreadyExists)
        {
            if (!await IsOursAsync(name, uri, id, cancellationToken))
            {
                throw;
            }
        }
        catch (ObjectStoreException failed) when (failed.Failure is ObjectStoreFailure.Other && !_unconditional && S3Failures.IsUnknownCondition(failed))
        {
            _unconditional = true;
            if (await IsTakenAsync(name, uri, cancellationToken))
            {
                throw S3Failures.Taken(uri);
            }

            await SettleAsync(uri, name, id, send, cancellationToken);
        }
        catch (ObjectStoreException failed) when (failed.Failure is ObjectStoreFailure.Unreachable)
        {
            if (!await IsOursAsync(name, uri, id, cancellationToken))
            {
                throw;
            }
        }
    }

    /// <summary>
    /// False also when the store does not say: Amazon's answers 403 about objects that are not there to those who may not list the bucket, and names are unique anyway.
    /// </summary>
    private async Task<bool> IsTakenAsync(S3Name name, string uri, CancellationToken cancellationToken)
    {
        try
        {
            return await HeadAsync(name, uri, cancellationToken) is not null;
        }
        catch (ObjectStoreException unsaid) when (unsaid.Failure is ObjectStoreFailure.NotPermitted)
        {
            return false;
        }
    }

    private async Task<bool> IsOursAsync(S3Name name, string uri, string id, CancellationToken cancellationToken) =>
        await HeadAsync(name, uri, cancellationToken) is { } head && head.Metadata[PutId] == id;

    private async Task<GetObjectMetadataResponse?> HeadAsync(S3Name name, string uri, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync(uri, () => _client.GetObjectMetadataAsync(name.Bucket, name.Key, cancellationToken));
        }
        catch (ObjectStoreException missing) when (missing.Failure is ObjectStoreFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>Keys that were handed out and are refused are asked for anew, once; every other failure becomes words.</summary>
    private async Task<T> CallAsync<T>(string uri, Func<Task<T>> call)
    {
        try
        {
            return await RenewedAsync(call);
        }
        catch (AmazonServiceException denied) when (_keys is not null && denied.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest)
        {
            _keys.Reject();
        }
        catch (Exception failed) when (S3Failures.Of(uri, failed) is { } failure)
        {
            throw failure;
        }

        try
        {
            return await RenewedAsync(call);
        }
        catch (Exception failed) when (S3Failures.Of(uri, failed) is { } failure)
        {
            throw failure;
        }
    }

    private async Task<T> RenewedAsync<T>(Func<Task<T>> call)
    {
        if (_keys is not null)
        {
            await _keys.RenewAsync(CancellationToken.None);
        }

        return await call();
    }
}
