using System.Text;
using Philotes.Capture.Copy;
using Philotes.Shared;

namespace Philotes.Capture.Tests.Copy;

internal sealed class CopyTextRowsTests
{
    [Test]
    public async Task Every_escape_stands_for_its_character()
    {
        var rows = await ReadAsync(@"a\tb" + "\t" + @"\N" + "\t" + @"\\N\b\f\n\r\v\\" + "\t\n", 4);
        Assert.That(rows, Is.EqualTo(new[] { new[] { "a\tb", null, "\\N\b\f\n\r\v\\", "" } }));
    }

    [Test]
    public async Task A_row_may_come_in_any_number_of_pieces([Values(1, 2, 3, 7, 1000)] int piece)
    {
        var rows = await ReadAsync("1\tone\n2\t\\N\n3\tth\\tree\n", 2, piece);
        Assert.That(rows, Is.EqualTo(new[] { new[] { "1", "one" }, new[] { "2", null }, new[] { "3", "th\tree" } }));
    }

    [Test]
    public async Task A_table_without_columns_has_rows_all_the_same() => Assert.That(await ReadAsync("\n\n", 0), Is.EqualTo(new[] { Array.Empty<string>(), [] }));

    [Test]
    public async Task A_single_empty_value_is_not_null() => Assert.That(await ReadAsync("\n\\N\n", 1), Is.EqualTo(new[] { new[] { "" }, new string?[] { null } }));

    [Test]
    public async Task A_row_larger_than_the_buffer_is_read_whole()
    {
        var large = new string('x', 3_000_000);
        Assert.That((await ReadAsync($"{large}\t1\n", 2, 65_536))[0][0], Has.Length.EqualTo(large.Length));
    }

    [TestCase("1\n", TestName = "too few columns")]
    [TestCase("1\t2", TestName = "no end")]
    public void What_the_server_cannot_have_meant_is_an_error(string text) =>
        Assert.That(async () => await ReadAsync(text, 2), Throws.InstanceOf<PhilotesException>().With.Property("Code").EqualTo("PH900"));

    private static async Task<List<string?[]>> ReadAsync(string text, int columns, int piece = int.MaxValue)
    {
        using var rows = new CopyTextRows(new Trickle(Encoding.UTF8.GetBytes(text), piece), columns);
        var read = new List<string?[]>();
        while (await rows.FillAsync(CancellationToken.None))
        {
            while (rows.TryTake())
            {
                read.Add(Decode(rows.Tuple));
            }
        }

        return read;
    }

    private static string?[] Decode(ReadOnlySpan<byte> bytes)
    {
        var tuple = new TupleReader(bytes);
        var row = new string?[tuple.ColumnCount];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = tuple.Next(out var text) == TupleValueKind.Null ? null : Encoding.UTF8.GetString(text);
        }

        return row;
    }

    /// <summary>Gives no more than some bytes at a time.</summary>
    private sealed class Trickle(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
