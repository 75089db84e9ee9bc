using System.Net;
using System.Net.Sockets;

namespace Philotes.Cli.Demo;

static class FreePort
{
    /// <summary>A port of 127.0.0.1 that nobody had a moment ago.</summary>
    public static int Take()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
