using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;

namespace Philotes.Testing;

/// <summary>
/// A real S3 store that we did not write: Ceph's RADOS gateway on this machine, in a folder of its own, without root or container. One a test assembly;
/// about 15 s to start. PHILOTES_S3=http://host:port|access key|secret key uses a store that is running already.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    static readonly SemaphoreSlim One = new(1, 1);
    static S3Server? _shared;

    readonly string? _folder;
    readonly AmazonS3Client _client;

    S3Server(Uri endpoint, string accessKey, string secretKey, string? folder)
    {
        (Endpoint, AccessKey, SecretKey, _folder) = (endpoint, accessKey, secretKey, folder);
        _client = new AmazonS3Client(new BasicAWSCredentials(accessKey, secretKey), new AmazonS3Config
        {
            ServiceURL = endpoint.AbsoluteUri,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
    }

    public Uri Endpoint { get; }

    public string AccessKey { get; }

    public string SecretKey { get; }

    /// <summary>For what a test wants to do to the store behind our back.</summary>
    public IAmazonS3 Client => _client;

    /// <summary>For the readers that we did not write: properties of Iceberg's S3FileIO.</summary>
    public IEnumerable<string> JavaOptions => [$"s3.endpoint={Endpoint}", $"s3.access-key-id={AccessKey}", $"s3.secret-access-key={SecretKey}"];

    /// <summary>For scripts: the variables that peers' programs take.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["S3_ENDPOINT"] = Endpoint.GetLeftPart(UriPartial.Authority), ["S3_KEY"] = AccessKey, ["S3_SECRET"] = SecretKey, ["S3_REGION"] = "us-east-1",
    };

    public static async Task<S3Server> SharedAsync()
    {
        await One.WaitAsync();
        try
        {
            return _shared ??= await StartAsync();
        }
        finally
        {
            One.Release();
        }
    }

    /// <summary>For the end of a test assembly.</summary>
    public static async Task StopSharedAsync()
    {
        if (_shared is not null)
        {
            await _shared.DisposeAsync();
        }

        _shared = null;
    }

    /// <summary>A bucket of its own for a test.</summary>
    public async Task<string> CreateBucketAsync()
    {
        var bucket = "b" + Guid.NewGuid().ToString("N");
        await _client.PutBucketAsync(bucket);
        return bucket;
    }

    /// <summary>Names of all objects of a bucket.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync(string bucket)
    {
        var keys = new List<string>();
        await foreach (var page in _client.Paginators.ListObjectsV2(new Amazon.S3.Model.ListObjectsV2Request { BucketName = bucket }).S3Objects)
        {
            keys.Add(page.Key);
        }

        return keys;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_folder is not null)
        {
            await ChildProcess.RunAsync("bash", [Peers.Tool("s3-ceph.sh"), "stop", _folder]);
            Directory.Delete(_folder, recursive: true);
        }
    }

    static async Task<S3Server> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("PHILOTES_S3")?.Split('|') is [var endpoint, var accessKey, var secretKey])
        {
            return new S3Server(new Uri(endpoint), accessKey, secretKey, folder: null);
        }

        var script = Peers.Tool("s3-ceph.sh");
        Peers.Program("radosgw");
        Peers.Program("ceph-mon");
        Peers.Program("ceph-osd");
        var folder = Directory.CreateTempSubdirectory("s3-").FullName;
        var port = Peers.FreePorts(3).ToString(CultureInfo.InvariantCulture);
        // The daemons outlive the script and would hold its output open, so that goes to a file.
        await ChildProcess.RunAsync("bash", ["-c", "\"$0\" up \"$1\" \"$2\" memstore > \"$1/start.log\" 2>&1 || { cat \"$1/start.log\" >&2; exit 1; }", script, folder, port],
            new Dictionary<string, string> { ["S3_KEY"] = "philotes", ["S3_SECRET"] = "philotes-secret" });
        return new S3Server(new Uri($"http://127.0.0.1:{port}"), "philotes", "philotes-secret", folder);
    }
}
