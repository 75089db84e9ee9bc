using System.Diagnostics;
using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;

namespace Philotes.Testing;

/// <summary>
/// A real S3 store that we did not write: Ceph's RADOS gateway on this machine, in a folder of its own, without root or container. One a test assembly;
/// about 15 s to start. PHILOTES_S3=http://host:port|access key|secret key uses a store that is running already.
/// <para>
/// A watcher beside the daemons reads a pipe from this process and stops them when it closes, so they end with us however we end.
/// </para>
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    // The daemons outlive the script and would hold its output open, so that goes to a file.
    const string Script = "bash \"$0\" \"$1\" \"$2\" ${3:+\"$3\" memstore} >> \"$2/start.log\" 2>&1 || { cat \"$2/start.log\" >&2; exit 1; }";
    const string Watch = "cat > /dev/null; bash \"$0\" stop \"$1\"; rm -rf \"$1\"";

    static readonly SemaphoreSlim One = new(1, 1);
    static S3Server? _shared;

    readonly string? _folder;
    readonly Process? _watcher;
    readonly AmazonS3Client _client;

    S3Server(Uri endpoint, string accessKey, string secretKey, string? folder = null, Process? watcher = null)
    {
        (Endpoint, AccessKey, SecretKey, _folder, _watcher) = (endpoint, accessKey, secretKey, folder, watcher);
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
        ["S3_ENDPOINT"] = Endpoint.GetLeftPart(UriPartial.Authority),
        ["S3_KEY"] = AccessKey,
        ["S3_SECRET"] = SecretKey,
        ["S3_REGION"] = "us-east-1",
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

    /// <summary>Whether the gateway is ours to be killed.</summary>
    public bool IsOwn => _folder is not null;

    /// <summary>kill -9 of the gateway; what it stored stays, and nobody answers.</summary>
    public Task KillGatewayAsync() => ChildProcess.RunAsync("bash", [Peers.Tool("s3-ceph.sh"), "kill-rgw", _folder!]);

    /// <summary>Starts the gateway again and returns when it answers.</summary>
    public Task StartGatewayAsync() => ChildProcess.RunAsync("bash", ["-c", Script, Peers.Tool("s3-ceph.sh"), "start-rgw", _folder!]);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_watcher is not null)
        {
            _watcher.StandardInput.Close();
            await _watcher.WaitForExitAsync();
            _watcher.Dispose();
        }
    }

    static async Task<S3Server> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("PHILOTES_S3")?.Split('|') is [var endpoint, var accessKey, var secretKey])
        {
            return new S3Server(new Uri(endpoint), accessKey, secretKey);
        }

        var script = Peers.Tool("s3-ceph.sh");
        Peers.Program("radosgw");
        Peers.Program("ceph-mon");
        Peers.Program("ceph-osd");
        var folder = Directory.CreateTempSubdirectory("s3-").FullName;
        var port = Peers.FreePorts(3).ToString(CultureInfo.InvariantCulture);
        // A session of its own: a Ctrl-C at the terminal reaches us first, and the watcher stops the daemons when we are gone.
        var watcher = Process.Start(new ProcessStartInfo("setsid", ["bash", "-c", Watch, script, folder]) { RedirectStandardInput = true })!;
        var server = new S3Server(new Uri($"http://127.0.0.1:{port}"), "philotes", "philotes-secret", folder, watcher);
        try
        {
            await ChildProcess.RunAsync("bash", ["-c", Script, script, "up", folder, port], new Dictionary<string, string> { ["S3_KEY"] = "philotes", ["S3_SECRET"] = "philotes-secret" });
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
