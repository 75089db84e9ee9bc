using System.Globalization;
using System.Text;

namespace Philotes.Iceberg.Avro;

/// <summary>
/// Names that Avro accepts, made of names that people gave: what is neither a letter, a digit nor an underscore becomes <c>_x</c> and
/// its hexadecimal code, and a digit in front gets an underscore before it, as the reference implementation does.
/// </summary>
internal static class AvroName
{
    public static string Sanitize(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (char.IsAsciiLetter(c) || c == '_' || (char.IsAsciiDigit(c) && result.Length > 0))
            {
                result.Append(c);
            }
            else if (char.IsAsciiDigit(c))
            {
                result.Append('_').Append(c);
            }
            else
            {
                result.Append(CultureInfo.InvariantCulture, $"_x{(int)c:X}");
            }
        }

        return result.ToString();
    }
}
