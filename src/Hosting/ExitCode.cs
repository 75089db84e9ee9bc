using Philotes.Shared;

namespace Philotes.Hosting;

/// <summary>What the exit code of every Philotes program means.</summary>
public static class ExitCode
{
    public const int Ok = 0;
    public const int Bug = 1;
    public const int Usage = 2;
    public const int Configuration = 3;
    public const int Preflight = 4;
    public const int Unreachable = 5;
    public const int Blocked = 6;
    public const int Refused = 7;
    public const int Threshold = 8;
    public const int Cancelled = 9;
    public const int Interrupted = 130;

    /// <summary>By the failure's code, never by its text.</summary>
    public static int Of(Exception exception) => exception switch
    {
        ConfigurationException => Configuration,
        PhilotesException coded => OfCode(coded.Code),
        System.Data.Common.DbException or HttpRequestException or System.Net.Sockets.SocketException => Unreachable,
        OperationCanceledException => Cancelled,
        _ => Bug,
    };

    static int OfCode(string code) => code switch
    {
        "PH001" => Refused,
        "PH102" or "PH109" or "PH110" or "PH120" or "PH121" or "PH122" or "PH127" or "PH503" or "PH605" => Preflight,
        "PH125" or "PH310" or "PH501" or "PH505" => Unreachable,
        _ when code.StartsWith("PH6", StringComparison.Ordinal) => Configuration,
        _ when code.StartsWith("PH0", StringComparison.Ordinal) => Refused,
        _ when code.StartsWith("PH9", StringComparison.Ordinal) => Bug,
        _ => Blocked,
    };
}
