using System.Net;
using Amazon.Runtime;
using Amazon.S3.Model;

namespace Philotes.Iceberg.Storage.S3;

/// <summary>
/// One file in parts. The object appears whole, with the completion; until then there is nothing under its name. A failure aborts what went up; a crash
/// leaves parts that only <see cref="IObjectStore.EndUploadsAsync"/> or the bucket's lifecycle rule removes.
/// </summary>
internal sealed class S3Upload(S3Connection client, S3Options options, ExpiringKeys? keys, S3Name name, string id, bool unconditional)
{
    private static readonly TimeSpan AbortLimit = TimeSpan.FromSeconds(10);

    public async Task SendAsync(string localPath, long length, CancellationToken cancellationToken)
    {
        var begin = new InitiateMultipartUploadRequest
        {
            BucketName = name.Bucket,
            Key = name.Key,
            ServerSideEncryptionMethod = S3ObjectStore.EncryptionOf(options),
            ServerSideEncryptionKeyManagementServiceKeyId = options.Encryption is S3Encryption.SseKms ? options.KmsKey : null,
        };
        S3ObjectStore.Mark(begin, id);
        var upload = (await client.InitiateMultipartUploadAsync(begin, cancellationToken)).UploadId;
        try
        {
            var parts = await SendPartsAsync(upload, localPath, length, cancellationToken);
            await RenewAsync(cancellationToken);
            await client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
            {
                BucketName = name.Bucket,
                Key = name.Key,
                UploadId = upload,
                PartETags = [.. parts],
                IfNoneMatch = unconditional ? null : "*",
            }, cancellationToken);
        }
        catch
        {
            await AbortAsync(upload);
            throw;
        }
    }

    private async Task<PartETag[]> SendPartsAsync(string upload, string localPath, long length, CancellationToken cancellationToken)
    {
        var size = options.PartBytesOf(length);
        var parts = new PartETag[(length + size - 1) / size];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, parts.Length),
            new ParallelOptions { MaxDegreeOfParallelism = options.PartsAtOnce, CancellationToken = cancellationToken },
            async (index, token) =>
            {
                var position = index * size;
                await RenewAsync(token);
                var part = await client.UploadPartAsync(new UploadPartRequest
                {
                    BucketName = name.Bucket,
                    Key = name.Key,
                    UploadId = upload,
                    PartNumber = index + 1,
                    FilePath = localPath,
                    FilePosition = position,
                    PartSize = Math.Min(size, length - position),
                    UseChunkEncoding = false,
                    DisablePayloadSigning = client.SignsElsewhere,
                }, token);
                parts[index] = new PartETag(part);
            });
        return parts;
    }

    /// <summary>A large file may take longer than keys live.</summary>
    private Task RenewAsync(CancellationToken cancellationToken) => keys?.RenewAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Best effort under its own deadline: the failure that led here is the one to report.</summary>
    private async Task AbortAsync(string upload)
    {
        using var deadline = new CancellationTokenSource(AbortLimit);
        try
        {
            await client.AbortMultipartUploadAsync(name.Bucket, name.Key, upload, deadline.Token);
        }
        catch (Exception left) when (left is AmazonServiceException { StatusCode: not HttpStatusCode.OK } or AmazonClientException or HttpRequestException or OperationCanceledException)
        {
            // Its parts stay until the sweep of orphans or the bucket's lifecycle rule ends them.
        }
    }
}
