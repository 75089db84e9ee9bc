namespace Philotes.Shared;

/// <summary>
/// What a column's text is made of: a type with its domains resolved and its arrays and composites unfolded, so that nobody behind capture has to ask
/// the source's catalog again. It is written as text in <see cref="ColumnSchema.Type"/>:
/// <code>
/// words                                     numeric(10,2)   timestamp with time zone   enum   hstore   public.ltree
/// element, brackets per dimension           integer[]   date[][]   (integer[])[]       an array of a domain over an array
/// brackets with another delimiter           box[;]
/// row(number "name" type, …)                row(1 "street" text, 3 "quo""te" integer[])     a composite's attribute numbers
/// </code>
/// Words are those of <c>format_type</c> under an empty search path, but for enums (<c>enum</c>) and for the few types of extensions that are mapped as
/// more than text: those are named without their schema (<c>hstore</c>, <c>geometry</c>, <c>geography</c>, <c>vector</c>, <c>halfvec</c>), which no
/// other type's words can be. <c>money</c> carries the fraction digits of the source where they are not two: <c>money(0)</c>.
/// </summary>
public abstract record PostgresType
{
    /// <exception cref="PhilotesException">PH900: the text is not of this form.</exception>
    public static PostgresType Parse(string text) => new PostgresTypeParser(text).Parse();
}
