using System.Globalization;

namespace Inference.Repository.Triton;

/// <summary>Whole numbers of protobuf's text format: decimal, octal (<c>017</c>) and hexadecimal (<c>0x0f</c>).</summary>
internal static class TextNumber
{
    public static bool TryParse(string text, out long number)
    {
        var isNegative = text.StartsWith('-');
        var digits = isNegative ? text[1..] : text;
        Int128 value = 0;
        number = 0;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            // Without the leading zero, 32 digits could be read as a negative number.
            if (!Int128.TryParse("0" + digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value))
                return false;
        }
        else if (digits.Length > 1 && digits[0] == '0' && digits.All(char.IsAsciiDigit))
        {
            foreach (var digit in digits)
            {
                value = (value * 8) + (digit - '0');
                if (value > long.MaxValue)
                    return false;
            }
        }
        else if (!Int128.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value))
        {
            return false;
        }

        value = isNegative ? -value : value;
        if (value < long.MinValue || value > long.MaxValue)
            return false;
        number = (long)value;
        return true;
    }
}
