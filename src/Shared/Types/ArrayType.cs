namespace Philotes.Shared;

/// <summary>A Postgres array.</summary>
/// <param name="Dimensions">As declared, 1 or more; a value may have another number of them all the same.</param>
/// <param name="Delimiter">Between two elements of the text: a comma but for <c>box</c> and a few types of extensions.</param>
public sealed record ArrayType(PostgresType Element, int Dimensions, char Delimiter) : PostgresType
{
    public override string ToString()
    {
        var brackets = Delimiter == ',' ? "[]" : $"[{Delimiter}]";
        var element = Element is ArrayType ? $"({Element})" : Element.ToString();
        return element + string.Concat(Enumerable.Repeat(brackets, Dimensions));
    }
}
