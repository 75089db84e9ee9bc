using Philotes.Capture.Decoding;
using Philotes.Capture.Source;

namespace Philotes.Capture.Tests.Source;

public sealed class ColumnNumberingTests
{
    private const uint Int = 23;
    private const uint Text = 25;

    private AlteredTable _table = null!;

    [SetUp]
    public void A_table_of_two_columns()
    {
        _table = new AlteredTable();
        _table.Add("id", Int);
        _table.Add("a", Text);
    }

    [Test]
    public void A_first_version_has_the_numbers_that_the_catalog_has_for_its_names()
    {
        _table.Drop(2);
        _table.Add("b", Text);

        Assert.That(Numbers(null), Is.EqualTo(new[] { 1, 3 }));
    }

    [Test]
    public void A_renamed_column_keeps_its_number_however_often_it_was_renamed_since()
    {
        var last = Now();
        _table.Rename(2, "b");
        var message = _table.Message();
        _table.Rename(2, "c");
        _table.Rename(2, "d");

        Assert.That(Numbers(message, last), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void Columns_that_swap_names_keep_their_numbers()
    {
        _table.Add("b", Text);
        var last = Now();
        _table.Rename(2, "tmp");
        _table.Rename(3, "a");
        _table.Rename(2, "b");

        Assert.That(Numbers(last), Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void A_column_dropped_and_added_again_under_its_name_and_type_is_another_from_the_transaction_on_that_did_it()
    {
        var last = Now();
        var before = (Message: _table.Message(), _table.Xid);
        _table.Drop(2);
        _table.Add("a", Text);
        var after = (Message: _table.Message(), Xid: _table.Xid + 1);

        Assert.That(At(before.Message, last, before.Xid), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(At(after.Message, last, after.Xid), Is.EqualTo(new[] { 1, 3 }));
    }

    /// <summary>insert; drop a; add a; insert: two descriptions that say the same.</summary>
    [Test]
    public void Within_one_transaction_a_repeated_description_lies_behind_the_next_change_that_fits_it()
    {
        IReadOnlyList<CatalogAttribute> catalog =
        [
            _table.Catalog[0],
            _table.Catalog[1] with { TypeOid = 0, IsDropped = true, Changed = 900, Command = 1 },
            _table.Catalog[1] with { Number = 3, Changed = 900, Command = 4 },
        ];
        var message = _table.Message();

        var first = ColumnNumbering.Of(message, catalog, last: null, new StreamMoment(900, 0, IsRepeated: false));
        var second = ColumnNumbering.Of(message, catalog, AlteredTable.Version(message, first.Numbers), new StreamMoment(900, first.Command, IsRepeated: true));

        Assert.That(first.Numbers, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(second.Numbers, Is.EqualTo(new[] { 1, 3 }));
    }

    [Test]
    public void A_transaction_that_begins_with_the_change_has_no_row_before_it()
    {
        IReadOnlyList<CatalogAttribute> catalog =
        [
            _table.Catalog[0],
            _table.Catalog[1] with { TypeOid = 0, IsDropped = true, Changed = 900, Command = 0 },
            _table.Catalog[1] with { Number = 3, Changed = 900, Command = 3 },
        ];

        Assert.That(ColumnNumbering.Of(_table.Message(), catalog, Now(), new StreamMoment(900, 0, IsRepeated: false)).Numbers, Is.EqualTo(new[] { 1, 3 }));
    }

    [Test]
    public void Transaction_ids_are_compared_around_their_wrap()
    {
        _table.Xid = uint.MaxValue - 1;
        var last = Now();
        _table.Drop(2);
        _table.Add("a", Text);

        Assert.That(_table.Xid, Is.LessThan(10u));
        Assert.That(At(_table.Message(), last, xid: 5), Is.EqualTo(new[] { 1, 3 }));
        Assert.That(At(_table.Message(), last, xid: uint.MaxValue - 2), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void A_column_that_the_publication_leaves_out_keeps_its_number_for_later()
    {
        _table.Add("b", Text);
        var all = Now();
        var fewer = Numbers(_table.Message(2), all);
        var last = AlteredTable.Version(_table.Message(2), fewer);

        Assert.That(fewer, Is.EqualTo(new[] { 1, 3 }));
        Assert.That(Numbers(_table.Message(), last), Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void A_generated_column_is_not_sent_and_is_none_of_the_messages()
    {
        IReadOnlyList<CatalogAttribute> catalog = [_table.Catalog[0], _table.Catalog[1] with { IsGenerated = true }, _table.Catalog[1] with { Number = 3, Name = "b" }];
        var message = _table.Message() with { Columns = [new RelationColumn("id", IsKey: true, Int, -1), new RelationColumn("b", IsKey: false, Text, -1)] };

        Assert.That(ColumnNumbering.Of(message, catalog, last: null, new StreamMoment(1, 0, IsRepeated: false)).Numbers, Is.EqualTo(new[] { 1, 3 }));
    }

    [Test]
    public void A_table_that_is_gone_goes_on_from_its_last_version()
    {
        var last = Now();
        _table.Drop(1);
        _table.Add("new", Int);

        Assert.That(ColumnNumbering.Of(_table.Message(), [], last, new StreamMoment(_table.Xid, 0, IsRepeated: true)).Numbers, Is.EqualTo(new[] { 2, 3 }).Or.EqualTo(new[] { 2, 4 }));
        Assert.That(ColumnNumbering.Of(_table.Message(), [], last: null, new StreamMoment(_table.Xid, 0, IsRepeated: false)).Numbers, Has.Count.EqualTo(2).And.Ordered);
    }

    [Test]
    public void A_table_of_1600_columns_is_numbered_in_a_moment()
    {
        for (var i = 3; i <= 1600; i++)
            _table.Add($"column_with_a_long_name_{i}", Int);
        var last = Now();
        _table.Drop(800);

        Assert.That(Numbers(last), Has.Count.EqualTo(1599));
    }

    /// <summary>Random histories, the catalog read up to three changes late. Every column of every message has the number that Postgres gave it.</summary>
    [Test]
    public void Two_thousand_random_histories_are_numbered_as_postgres_did()
    {
        var wrong = Enumerable.Range(0, 2_000).Count(seed => !IsRight(seed, lateMax: 3));

        Assert.That(wrong, Is.Zero);
    }

    /// <summary>The catalog read a whole history late: what it forgot cannot be known, but what can be is.</summary>
    [Test]
    public void A_catalog_read_very_late_still_numbers_most_histories_rightly()
    {
        var wrong = Enumerable.Range(0, 2_000).Count(seed => !IsRight(seed, lateMax: 20));

        Assert.That(wrong, Is.LessThan(20), "of 2,000");
    }

    private static bool IsRight(int seed, int lateMax)
    {
        var random = new Random(seed);
        var table = new AlteredTable();
        table.Add("id", Int);
        var moments = new List<(RelationMessage Message, int[] Numbers, uint Xid, IReadOnlyList<CatalogAttribute> Catalog)>();
        for (var step = 0; step < 12; step++)
        {
            Alter(table, random);
            var xid = ++table.Xid;
            moments.Add((table.Message(), [.. table.Live.Select(column => column.Number)], xid, table.Catalog));
        }

        NumberedRelation? last = null;
        for (var i = 0; i < moments.Count; i++)
        {
            var read = Math.Min(moments.Count - 1, i + random.Next(lateMax + 1));
            var numbers = ColumnNumbering.Of(moments[i].Message, moments[read].Catalog, last, new StreamMoment(moments[i].Xid, 0, last is not null)).Numbers;
            if (!numbers.SequenceEqual(moments[i].Numbers))
                return false;
            last = AlteredTable.Version(moments[i].Message, numbers);
        }

        return true;
    }

    private static void Alter(AlteredTable table, Random random)
    {
        var live = table.Live;
        var name = "abc"[random.Next(3)].ToString();
        var any = live[random.Next(live.Count)].Number;
        var isFree = live.All(column => column.Name != name);
        switch (random.Next(5))
        {
            case 0 or 1 when isFree:
                table.Add(name, random.Next(2) == 0 ? Int : Text);
                break;
            case 2 when live.Count > 1:
                table.Drop(any);
                break;
            case 3 when isFree:
                table.Rename(any, name);
                break;
            case 4:
                table.Retype(any, random.Next(2) == 0 ? Int : Text);
                break;
        }
    }

    private IReadOnlyList<int> At(RelationMessage message, NumberedRelation? last, uint xid) =>
        ColumnNumbering.Of(message, _table.Catalog, last, new StreamMoment(xid, 0, last is not null)).Numbers;

    private NumberedRelation Now() => AlteredTable.Version(_table.Message(), [.. _table.Live.Select(column => column.Number)]);

    private IReadOnlyList<int> Numbers(NumberedRelation? last) => Numbers(_table.Message(), last);

    private IReadOnlyList<int> Numbers(RelationMessage message, NumberedRelation? last) => At(message, last, _table.Xid);
}
