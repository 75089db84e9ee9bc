using NUnit.Framework;

namespace Philotes.Testing;

/// <summary>A missing prerequisite is ignored on a developer's machine and a failure in CI, where everything must be there.</summary>
public static class Prerequisite
{
    public static void Missing(string what)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Fail($"{what} is missing.");
        }

        Assert.Ignore($"{what} is missing.");
    }
}
