using System.Globalization;
using System.Text;

namespace Philotes.Cli.Demo;

/// <summary>
/// Rows of the shop, made from a seed. Each value is the text in which both Postgres takes it and the lake shows it (bytea apart, whose
/// <c>\x</c> the lake does not have).
/// </summary>
sealed class ShopRows(int seed)
{
    static readonly string[] Names = ["Ada", "Grace", "Łukasz", "O'Brien", "\"Quoted\"", "名前", "back\\slash", "two\nlines", "tab\there", "", " spaces ", "🚲 bikes"];
    static readonly string[] Segments = ["private", "business", "it's complicated"];
    static readonly DateTime Epoch = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    readonly Random _random = new(seed);
    long _nextCustomer = 1;
    long _nextCard = 1;

    public string?[] Customer() =>
    [
        Text(_nextCustomer++), Name(), $"user{_nextCustomer}@example.org", Maybe(Segments[_random.Next(3)]), Money(1_000_000), Flag(), Date(), Instant(),
        Maybe("\\x" + Convert.ToHexStringLower(AsciiBytes(_random.Next(40)))), Maybe($$"""{"a": {{_random.Next(9)}}, "bb": "{{_random.Next(99)}}", "ccc": [1, null]}"""),
    ];

    public string?[] Order(string customer) =>
        [Guid(), customer, Instant(), Maybe(LocalTime()), Money(100_000), Maybe(Eighths(5)), Maybe(Name() + " " + Name())];

    public string?[] OrderLine(string order, int line) =>
    [
        order, Text(line), $"sku-{_random.Next(10_000)}", Text(_random.Next(-5, 1000)),
        (_random.Next(1_000_000) / 10_000m).ToString("F4", CultureInfo.InvariantCulture), Maybe(Eighths(1000)), Maybe($"{{{_random.Next(50)},NULL,{_random.Next(50)}}}"),
    ];

    public string?[] Event() =>
    [
        TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), _random.Next(4) == 0 ? "click" : "view", Maybe("Mozilla/5.0 (" + Name() + ")"), $"10.{_random.Next(256)}.{_random.Next(256)}.{_random.Next(1, 255)}",
        string.Create(CultureInfo.InvariantCulture, $"{_random.Next(24):D2}:{_random.Next(60):D2}:{_random.Next(60):D2}"), $$"""{ "n" : {{_random.Next()}} }""",
    ];

    public string?[] GiftCard() => [CardNumber(), Text(_random.Next(10)), Money(9_999)];

    public string CardNumber() => string.Create(CultureInfo.InvariantCulture, $"card's \"{_nextCard++}\"");

    public string NextCustomerKey() => Text(_nextCustomer++);

    public int Next(int below) => _random.Next(below);

    public string Money(int below) => (_random.Next(-below, below) / 100m).ToString("F2", CultureInfo.InvariantCulture);

    string Name() => Names[_random.Next(Names.Length)];

    string? Maybe(string value) => _random.Next(5) == 0 ? null : value;

    string Flag() => _random.Next(2) == 0 ? "true" : "false";

    string Date() => Epoch.AddDays(-_random.Next(20_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    string Instant() => Moment().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    string LocalTime() => Moment().ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture);

    DateTime Moment() => Epoch.AddMilliseconds(_random.NextInt64(60_000_000_000));

    /// <summary>A fraction that binary floating point holds exactly, so that every program prints it alike.</summary>
    string Eighths(int below) => (_random.Next(below * 8) / 8.0).ToString(CultureInfo.InvariantCulture);

    string Guid()
    {
        var bytes = Bytes(16);
        return new Guid(bytes).ToString();
    }

    byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Bytes below 128: the demo's foreign reader takes every byte array for UTF-8, and other bytes would not survive it.</summary>
    byte[] AsciiBytes(int count) => [.. Bytes(count).Select(b => (byte)(b & 0x7f))];

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
