namespace Philotes.Testing;

/// <summary>Waits for a condition. The deadline is the token of the test; what was seen last is in the message.</summary>
public static class Until
{
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> describe, CancellationToken cancellationToken)
    {
        try
        {
            while (!await condition())
            {
                await Task.Delay(20, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The condition was not met in time.{Environment.NewLine}{describe()}");
        }
    }
}
