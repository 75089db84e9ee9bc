using Philotes.Shared;

namespace Philotes.Hosting;

/// <summary>A failure as a person reads it: a coded one as its sentence, anything else in full because it is a bug.</summary>
public static class Failure
{
    public static string Describe(Exception exception) => exception switch
    {
        ConfigurationException configuration => configuration.Message,
        PhilotesException coded => $"{coded.Code}: {coded.Message}{Cause(coded.InnerException)}",
        System.Data.Common.DbException or HttpRequestException or IOException => exception.Message + Cause(exception.InnerException),
        _ => exception.ToString(),
    };

    static string Cause(Exception? inner) => inner is null ? "" : $" (cause: {inner.Message})";
}
