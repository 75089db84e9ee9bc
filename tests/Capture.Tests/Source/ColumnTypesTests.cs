using Philotes.Hosting;

namespace Philotes.Capture.Tests.Source;

/// <summary>What the buffer is told about columns, and what it never gets to see.</summary>
public sealed class ColumnTypesTests
{
    private const string Types = """
        create schema ext;
        create extension hstore schema ext;
        create extension citext schema ext;
        create schema other;
        create type other.hstore as (not_the_extension int);
        create type mood as enum ('sad', 'happy');
        create domain small as integer check (value < 10);
        create domain smaller as small;
        create domain grid as numeric(10,2)[][];
        create type inner_row as (a int, gone text, "q""uote" smaller[]);
        alter type inner_row drop attribute gone;
        create type outer_row as (i inner_row, g grid, b box[], e mood);
        create table of_rows (id int primary key, note varchar(7));
        create table t (
            id int primary key, a smaller, b numeric(12,3)[][], c outer_row, d outer_row[], e mood[], f ext.hstore, g ext.hstore[], h other.hstore, i grid[],
            j box[], k of_rows, l timestamptz(3), m int2vector, n money, o ext.citext, p int4range[], q "char");
        """;

    [Test]
    [CancelAfter(180_000)]
    public async Task Types_are_unfolded_to_what_their_text_is_made_of(CancellationToken cancellationToken)
    {
        await using var rig = await CaptureRig.CreateAsync(cancellationToken);
        await rig.ExecuteAsync(Types, cancellationToken);
        await using var capture = await rig.StartAsync(cancellationToken);
        await rig.ExecuteAsync("insert into t (id) values (1)", cancellationToken);
        await rig.CaughtUpAsync(cancellationToken);

        const string inner = """row(1 "a" integer, 3 "q""uote" integer[])""";
        const string outer = $"""row(1 "i" {inner}, 2 "g" numeric(10,2)[][], 3 "b" box[;], 4 "e" enum)""";
        Assert.That(await rig.BufferAsync<string[]>("select column_types from philotes.table_schema", cancellationToken), Is.EqualTo(new[]
        {
            "integer", "integer", "numeric(12,3)[][]", outer, outer + "[]", "enum[]", "hstore", "hstore[]", """row(1 "not_the_extension" integer)""",
            "(numeric(10,2)[][])[]", "box[;]", """row(1 "id" integer, 2 "note" character varying(7))""", "timestamp(3) with time zone", "int2vector", "money",
            "ext.citext", "int4range[]", "\"char\"",
        }));
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task Masked_and_excluded_columns_never_reach_the_buffer(CancellationToken cancellationToken)
    {
        await using var rig = await CaptureRig.CreateAsync(cancellationToken);
        var rules = new Dictionary<string, ColumnRule>
        {
            ["email"] = new() { Mask = ColumnMask.Sha256, Salt = Secret.Inline("salt") },
            ["phone"] = new() { Mask = ColumnMask.Null },
            ["notes"] = new() { Exclude = true },
            ["extra"] = new() { Mask = ColumnMask.Drop },
        };
        rig.Settings = rig.Settings with { Columns = _ => rules };
        await rig.ExecuteAsync("create table t (id int primary key, email text, phone int not null, notes text, extra text, kept text); alter table t replica identity full", cancellationToken);
        await using var capture = await rig.StartAsync(cancellationToken);
        await rig.ExecuteAsync("insert into t values (1, 'secret@example.org', 4711, 'secret', 'secret', 'seen'), (2, null, 4711, null, null, null); update t set kept = 'again' where id = 1; delete from t where id = 1", cancellationToken);
        await rig.CaughtUpAsync(cancellationToken);

        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("saltsecret@example.org"u8));
        var events = await rig.EventsAsync(cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await rig.BufferAsync<string[]>("select column_names || column_types from philotes.table_schema", cancellationToken),
                Is.EqualTo(new[] { "id", "email", "phone", "kept", "integer", "text", "integer", "text" }));
            Assert.That(events.Select(change => change.New ?? change.Old), Is.EqualTo(new string?[][]
            {
                ["1", hash, null, "seen"], ["2", null, null, null], ["1", hash, null, "again"], ["1", hash, null, "again"],
            }));
            Assert.That(await rig.BufferAsync<long>(
                "select count(*) from philotes.event where position('secret'::bytea in coalesce(old_row, '') || coalesce(new_row, '')) > 0 or position('4711'::bytea in coalesce(old_row, '') || coalesce(new_row, '')) > 0",
                cancellationToken), Is.Zero);
        }
    }

    [TestCase("UTF8", "é日本")]
    [TestCase("LATIN1", "é")]
    [TestCase("EUC_JP", "日本")]
    [CancelAfter(180_000)]
    public async Task Text_of_every_server_encoding_is_buffered_as_UTF8(string encoding, string text, CancellationToken cancellationToken)
    {
        await using var rig = await CaptureRig.CreateAsync($"encoding '{encoding}' locale 'C' template template0", Servers.Postgres, cancellationToken);
        await rig.ExecuteAsync("create table t (id int primary key, v text)", cancellationToken);
        await using var capture = await rig.StartAsync(cancellationToken);
        await rig.ExecuteAsync($"insert into t values (1, '{text}')", cancellationToken);
        await rig.CaughtUpAsync(cancellationToken);

        Assert.That((await rig.EventsAsync(cancellationToken)).Single().New, Is.EqualTo(new[] { "1", text }));
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task Bytes_of_a_SQL_ASCII_database_are_buffered_as_they_are(CancellationToken cancellationToken)
    {
        await using var rig = await CaptureRig.CreateAsync("encoding 'SQL_ASCII' locale 'C' template template0", Servers.Postgres, cancellationToken);
        await rig.ExecuteAsync("create table t (id int primary key, v text)", cancellationToken);
        await using var capture = await rig.StartAsync(cancellationToken);
        await rig.ExecuteAsync(@"insert into t values (1, E'\xff\xfe')", cancellationToken);
        await rig.CaughtUpAsync(cancellationToken);

        Assert.That(await rig.BufferAsync<bool>(@"select bool_and(position('\xfffe'::bytea in new_row) > 0) from philotes.event", cancellationToken), Is.True);
    }

    [TestCase("database %2$I")]
    [TestCase("role %1$I in database %2$I")]
    [CancelAfter(180_000)]
    public async Task Settings_of_the_database_and_the_role_never_change_a_value(string owner, CancellationToken cancellationToken)
    {
        await using var rig = await CaptureRig.CreateAsync(cancellationToken);
        string[] settings =
        [
            "datestyle = 'German, DMY'", "timezone = 'America/St_Johns'", "intervalstyle = postgres_verbose", "bytea_output = escape", "extra_float_digits = -3", "search_path = nowhere",
            "quote_all_identifiers = on", "standard_conforming_strings = off", "xmloption = document",
        ];
        foreach (var setting in settings)
            await SetAsync(rig, owner, setting, cancellationToken);
        await rig.ExecuteAsync("create table public.t (id int primary key, a timestamptz, b interval, c bytea, d double precision, e date, f regclass)", cancellationToken);
        await using var capture = await rig.StartAsync(cancellationToken);
        await rig.ExecuteAsync("insert into public.t values (1, '2024-02-29 12:00:00+00', '1 day 02:00', decode('00ff', 'hex'), 0.1::float8 + 0.2, '2024-02-29', 'public.t')", cancellationToken);
        await rig.CaughtUpAsync(cancellationToken);

        Assert.That((await rig.EventsAsync(cancellationToken)).Single().New,
            Is.EqualTo(new[] { "1", "2024-02-29 12:00:00+00", "P1DT2H", @"\x00ff", "0.30000000000000004", "2024-02-29", "public.t" }));
    }

    /// <summary>Money is a whole number of the smallest unit; how many of its digits stand behind the point is a matter of the locale.</summary>
    [TestCase("de_DE.UTF-8", "1234.56", "money", "$1,234.56")]
    [TestCase("ja_JP.UTF-8", "1234", "money(0)", "$12.34")]
    [CancelAfter(180_000)]
    public async Task Another_lc_monetary_changes_neither_the_text_nor_the_value(string locale, string amount, string type, string text, CancellationToken cancellationToken)
    {
        await using var rig = await CaptureRig.CreateAsync(cancellationToken);
        try
        {
            await SetAsync(rig, "database %2$I", $"lc_monetary = '{locale}'", cancellationToken);
        }
        catch (Npgsql.PostgresException missing) when (missing.SqlState == Npgsql.PostgresErrorCodes.InvalidParameterValue)
        {
            Philotes.Testing.Prerequisite.Missing($"The locale {locale} (Debian's package locales, and localedef)");
        }

        await rig.ExecuteAsync("create table t (id int primary key, m money, l money[])", cancellationToken);
        await using var capture = await rig.StartAsync(cancellationToken);
        await rig.ExecuteAsync($"insert into t values (1, {amount}::numeric::money, array[{amount}::numeric::money])", cancellationToken);
        await rig.CaughtUpAsync(cancellationToken);

        Assert.That(await rig.SourceAsync<string>("select m::text from t", cancellationToken), Is.Not.EqualTo(text), "the application sees its own spelling");
        Assert.That((await rig.EventsAsync(cancellationToken)).Single().New, Is.EqualTo(new[] { "1", text, text.Contains(',', StringComparison.Ordinal) ? $"{{\"{text}\"}}" : $"{{{text}}}" }));
        Assert.That(await rig.BufferAsync<string[]>("select column_types from philotes.table_schema", cancellationToken), Is.EqualTo(new[] { "integer", type, type + "[]" }));
    }

    /// <param name="owner">Whose setting it is; %1 is our role and %2 our database.</param>
    private static async Task SetAsync(CaptureRig rig, string owner, string setting, CancellationToken cancellationToken)
    {
        await rig.ExecuteAsync($"do $do$ begin execute format('alter {owner} set {setting.Replace("'", "''", StringComparison.Ordinal)}', current_user, current_database()); end $do$", cancellationToken);
        rig.Source.Clear();
    }
}
