using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using Amazon.Runtime.Internal;
using Amazon.S3;

namespace Philotes.Iceberg.Storage.S3;

/// <summary>
/// The SDK's client as we set it up. It repeats a request by class (throttling, network, the store's own failures) with full jitter and a budget shared by all
/// requests, and takes the store's clock from a reply that says ours is wrong. Bodies are signed whole, never in the chunks that half of the stores
/// refuse, and are sent without asking first: Ceph takes a body that was sent after all for the start of the next request on the connection.
/// </summary>
internal sealed class S3Connection : AmazonS3Client
{
    private const string RegionOfOthers = "us-east-1";
    private readonly RemoteSigner? _signer;

    private S3Connection(AWSCredentials credentials, AmazonS3Config config, RemoteSigner? signer) : base(credentials, config)
    {
        _signer = signer;
        foreach (var retries in RuntimePipeline.Handlers.OfType<RetryHandler>())
        {
            retries.RetryPolicy.HttpStatusCodesToRetryOn.Add(HttpStatusCode.TooManyRequests);
        }

        if (signer is not null)
        {
            RuntimePipeline.ReplaceHandler<Signer>(signer);
        }
    }

    public bool SignsElsewhere => _signer is not null;

    public static S3Connection With(S3Options options, AWSCredentials credentials, HttpClientFactory http) => new(credentials, Settings(options, http), signer: null);

    public static S3Connection SignedBy(RemoteSigner signer, S3Options options, HttpClientFactory http) => new(new AnonymousAWSCredentials(), Settings(options, http), signer);

    /// <summary>What the configuration names, else what the SDK's chain finds; under a role if one is to be taken on.</summary>
    public static AWSCredentials CredentialsOf(S3Options options)
    {
        var own = options switch
        {
            { Keys: { } keys } => new ConfiguredKeys(keys),
            { Profile: { } profile } => OfProfile(profile),
            _ => DefaultAWSCredentialsIdentityResolver.GetCredentials(),
        };
        return options.RoleArn is { } role
            ? new AssumeRoleAWSCredentials(own, role, "philotes", new AssumeRoleAWSCredentialsOptions { ExternalId = options.ExternalId })
            : own;
    }

    /// <summary>From the file that every other SDK would read: this one does not know the variable by itself.</summary>
    private static AWSCredentials OfProfile(string profile) => new CredentialProfileStoreChain(Environment.GetEnvironmentVariable("AWS_SHARED_CREDENTIALS_FILE")).TryGetAWSCredentials(profile, out var credentials)
        ? credentials
        : throw new ObjectStoreException(ObjectStoreFailure.NotPermitted, "s3://", $"The profile '{profile}' is not in the shared credentials file. Add it there, or name another in lake.store.profile.");

    private static AmazonS3Config Settings(S3Options options, HttpClientFactory http)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.IsPathStyle,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = options.Retries,
            Timeout = options.Timeout,
            HttpClientFactory = http,
            RequestChecksumCalculation = options.ChecksumsOnlyWhenRequired ? RequestChecksumCalculation.WHEN_REQUIRED : RequestChecksumCalculation.WHEN_SUPPORTED,
            ResponseChecksumValidation = options.ChecksumsOnlyWhenRequired ? ResponseChecksumValidation.WHEN_REQUIRED : ResponseChecksumValidation.WHEN_SUPPORTED,
            IgnoreConfiguredEndpointUrls = true,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = options.Region ?? RegionOfOthers;
        }
        else if (options.Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        return config;
    }
}
