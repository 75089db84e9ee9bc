namespace Philotes.BatchWriter;

/// <summary>Why retention failed in the round before, so that a reason is told when it is new and not every minute.</summary>
internal sealed class RetentionTrouble
{
    private string? _told;

    /// <summary>Whether the round before failed for another reason, or not at all.</summary>
    public bool IsNew(string code, string reason)
    {
        var now = $"{code}: {reason}";
        return Interlocked.Exchange(ref _told, now) != now;
    }

    /// <summary>A round went well: the next reason is new, whatever it is.</summary>
    public void Ended() => Interlocked.Exchange(ref _told, null);
}
