using System.Globalization;
using System.Text;

namespace Philotes.Iceberg.Parquet;

/// <summary>
/// A column's name as Iceberg's Java library writes it into files (AvroSchemaUtil.makeCompatibleName): letters, digits and underscores stay,
/// a digit in front gets an underscore, anything else becomes <c>_x</c> and its UTF-16 code in hexadecimal. Only ASCII counts as a letter here;
/// readers resolve a column by its id, and those that resolve it by this spelling know no other letters.
/// </summary>
internal static class CompatibleName
{
    public static string Of(string name)
    {
        var spelt = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (spelt.Length == 0 && char.IsAsciiDigit(c))
                spelt.Append('_').Append(c);
            else if (char.IsAsciiLetterOrDigit(c) || c == '_')
                spelt.Append(c);
            else
                spelt.Append(CultureInfo.InvariantCulture, $"_x{(int)c:X}");
        }
        return spelt.ToString();
    }
}
