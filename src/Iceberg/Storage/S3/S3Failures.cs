using System.Net;
using Amazon.Runtime;

namespace Philotes.Iceberg.Storage.S3;

/// <summary>What a store's failure means, decided by status and by S3's error codes, never by their texts.</summary>
internal static class S3Failures
{
    /// <summary>Null for what is no failure of the store: the caller's own cancellation, a bug.</summary>
    public static ObjectStoreException? Of(string uri, Exception failed) => failed switch
    {
        ObjectStoreException => null,
        AmazonServiceException service => Service(uri, service),
        AmazonClientException or HttpRequestException or IOException or TimeoutException => Unreachable(uri, failed),
        OperationCanceledException { InnerException: TimeoutException } => Unreachable(uri, failed),
        AggregateException { InnerException: { } inner } => Of(uri, inner),
        _ => null,
    };

    public static ObjectStoreException Taken(string uri, Exception? cause = null) => new(
        ObjectStoreFailure.AlreadyExists, uri, $"'{uri}' exists already and was left as it is; a new object needs a new name.", cause);

    /// <summary>The store says that it does not know the header by which a put asks for a new name.</summary>
    public static bool IsUnknownCondition(ObjectStoreException failed) => failed.InnerException is AmazonServiceException { StatusCode: HttpStatusCode.NotImplemented };

    private static ObjectStoreException Service(string uri, AmazonServiceException failed) => ((int)failed.StatusCode, failed.ErrorCode) switch
    {
        (404, "NoSuchBucket") => new(ObjectStoreFailure.NoBucket, uri, $"The bucket of '{uri}' does not exist at this store. Create it, or correct the warehouse, the endpoint or the region.", failed),
        (404, "NoSuchUpload") => Unreachable(uri, failed),
        (404, _) => new(ObjectStoreFailure.NotFound, uri, $"'{uri}' does not exist; it was removed, or the store is another one.", failed),
        (412, _) or (409, "ConditionalRequestConflict") => Taken(uri, failed),
        (401 or 403, _) or (400, "ExpiredToken" or "InvalidToken" or "TokenRefreshRequired") => new(
            ObjectStoreFailure.NotPermitted, uri, $"The store refused '{uri}' ({Words(failed)}). Check the keys, their rights on the bucket, and the clock of this machine.", failed),
        (400, "BadDigest" or "InvalidDigest" or "XAmzContentSHA256Mismatch" or "XAmzContentChecksumMismatch") => new(
            ObjectStoreFailure.Corrupt, uri, $"The store got other bytes than were sent for '{uri}' ({Words(failed)}). They are sent again; check the way to the store.", failed),
        (400, "InvalidArgument" or "InvalidBucketName" or "KeyTooLongError" or "InvalidRequest") or (405, _) => new(
            ObjectStoreFailure.InvalidName, uri, $"The store cannot do what was asked for '{uri}' ({Words(failed)}). Check lake.store: path_style, checksums, region, encryption.", failed),
        (301 or 307, _) or (400, "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException") => new(
            ObjectStoreFailure.NoBucket, uri, $"The bucket of '{uri}' is in another region or at another endpoint ({Words(failed)}). Correct lake.store.region or lake.store.endpoint.", failed),
        (507, _) or (_, "QuotaExceeded" or "StorageFull" or "XMinioStorageFull") => new(
            ObjectStoreFailure.Full, uri, $"'{uri}' could not be written: the store is full or a quota is used up. Free some space, then it goes on.", failed),
        (501, _) => new(ObjectStoreFailure.Other, uri, $"The store does not know an operation that '{uri}' needs ({Words(failed)}).", failed),
        _ => Unreachable(uri, failed),
    };

    private static ObjectStoreException Unreachable(string uri, Exception cause) => new(
        ObjectStoreFailure.Unreachable, uri, $"The store did not serve '{uri}' ({Words(cause)}). It is tried again; check the store and the way to it.", cause);

    private static string Words(Exception failed) => failed is AmazonServiceException { ErrorCode: { Length: > 0 } code } service
        ? $"{(int)service.StatusCode} {code}"
        : failed is AmazonServiceException status ? $"{(int)status.StatusCode}" : failed.GetType().Name;
}
