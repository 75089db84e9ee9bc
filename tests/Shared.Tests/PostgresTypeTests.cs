namespace Philotes.Shared.Tests;

public sealed class PostgresTypeTests
{
    [TestCase("integer")]
    [TestCase("numeric(10,2)[]")]
    [TestCase("timestamp(3) with time zone")]
    [TestCase("date[][]")]
    [TestCase("box[;]")]
    [TestCase("(integer[])[][]")]
    [TestCase("public.\"odd, type(([]\"[]")]
    [TestCase("\"char\"")]
    [TestCase("row()")]
    [TestCase("row(1 \"a.b\" integer, 3 \"q\"\"uote, (\" text[])")]
    [TestCase("row(2 \"x\" row(1 \"n\" numeric(10,2), 2 \"e\" enum[])[], 4 \"b\" box[;])[]")]
    public void Text_reads_back_to_the_same_type(string text)
    {
        var type = PostgresType.Parse(text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(type.ToString(), Is.EqualTo(text));
            Assert.That(PostgresType.Parse(type.ToString()), Is.EqualTo(type));
        }
    }

    [Test]
    public void An_array_of_arrays_is_not_an_array_of_two_dimensions()
    {
        var integer = new NamedType("integer");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(PostgresType.Parse("integer[][]"), Is.EqualTo(new ArrayType(integer, 2, ',')));
            Assert.That(PostgresType.Parse("(integer[])[]"), Is.EqualTo(new ArrayType(new ArrayType(integer, 1, ','), 1, ',')));
        }
    }

    [TestCase("")]
    [TestCase("row(")]
    [TestCase("row(a \"x\" text)")]
    [TestCase("integer[")]
    [TestCase("integer[]x")]
    [TestCase("\"open")]
    public void Anything_else_is_refused(string text) => Assert.That(() => PostgresType.Parse(text), Throws.TypeOf<PhilotesException>());
}
