using System.CommandLine;
using System.Globalization;
using Philotes.Buffer.Operations;
using Philotes.Hosting;
using Philotes.Shared;

namespace Philotes.Cli;

/// <summary>The options by which events are chosen, the same for every verb of <c>events</c>.</summary>
sealed class EventFilterOptions
{
    static readonly string[] Statuses = ["held", "pending", "claimed", "committing", "failed", "dead", "committed", "parked"];

    readonly Option<string?> _table = new("--table", "-t") { Description = "Of this table, schema.table." };
    readonly Option<string?> _key = new("--key", "-k") { Description = "Of this row: id=5, or a=1,b=2, or the bare value of a key of one column." };
    readonly Option<string?> _lsn = new("--lsn") { Description = "At this commit position, or within FROM..TO; either end may be left out." };
    readonly Option<string?> _from = new("--from") { Description = "Committed at the source since this time (2026-11-20T12:00Z), or for the last 15m." };
    readonly Option<string?> _to = new("--to") { Description = "Committed at the source until this time, or up to 5m ago." };
    readonly Option<string?> _op = new("--op") { Description = "read, insert, update, delete or truncate." };
    readonly Option<string?> _status = new("--status") { Description = string.Join(", ", Statuses) + "." };

    public EventFilterOptions()
    {
        _op.AcceptOnlyFromAmong([.. Enum.GetNames<ChangeKind>().Select(name => name.ToLowerInvariant())]);
        _status.AcceptOnlyFromAmong(Statuses);
    }

    public IEnumerable<Symbol> Symbols => [_table, _key, _lsn, _from, _to, _op, _status];

    public async Task<EventFilter> ReadAsync(ParseResult parsed, EventReader events, CancellationToken cancellationToken)
    {
        TableName? table = parsed.GetValue(_table) is { } name ? TableText.Parse(name) : null;
        var (from, to) = Range(parsed.GetValue(_lsn));
        return new EventFilter(
            table,
            parsed.GetValue(_key) is { } key ? await KeyAsync(key, table, events, cancellationToken) : null,
            from,
            to,
            Time(_from.Name, parsed.GetValue(_from)),
            Time(_to.Name, parsed.GetValue(_to)),
            parsed.GetValue(_op) is { } op ? Enum.Parse<ChangeKind>(op, ignoreCase: true) : null,
            parsed.GetValue(_status));
    }

    static async Task<IReadOnlyDictionary<string, string>> KeyAsync(string text, TableName? table, EventReader events, CancellationToken cancellationToken)
    {
        if (text.Contains('=', StringComparison.Ordinal))
        {
            return text.Split(',').Select(part => part.Split('=', 2)).ToDictionary(
                part => part[0].Trim(), part => part.Length == 2 ? part[1] : throw CommandLineError.Of("--key", $"'{text}' needs column=value"), StringComparer.Ordinal);
        }
        if (table is not { } name)
            throw CommandLineError.Of("--key", "a bare value needs --table; else write column=value");
        return await events.KeyColumnsAsync(name, cancellationToken) is [var column]
            ? new Dictionary<string, string> { [column] = text }
            : throw CommandLineError.Of("--key", $"{name} has no key of one column in the buffer; write column=value");
    }

    static (Lsn? From, Lsn? To) Range(string? text)
    {
        if (text is null)
            return (null, null);
        var parts = text.Split("..", 2);
        return parts is [var only] ? (Position(only), Position(only)) : (Position(parts[0]), Position(parts[1]));
    }

    static Lsn? Position(string text) => text.Length == 0 ? null
        : Lsn.TryParse(text, out var lsn) ? lsn
        : throw CommandLineError.Of("--lsn", $"'{text}' is not a position; it looks like 16/B374D848, a range like 16/B374D848..16/B3750000");

    static DateTimeOffset? Time(string option, string? text)
    {
        if (text is null)
            return null;
        if (DurationText.TryParse(text, out var ago))
            return TimeProvider.System.GetUtcNow() - ago;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw CommandLineError.Of(option, $"'{text}' is neither a time such as 2026-11-20T12:00Z nor an age such as 15m");
    }
}
