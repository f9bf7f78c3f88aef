using System.Globalization;
using System.Text;
using Inference.Models.Settings;

namespace Inference.Repository.Triton;

/// <summary>Reads a quoted string of protobuf's text format, with C's escapes for bytes and characters.</summary>
internal static class TextFormatString
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="position">Before the call: the position of the opening quote. Afterwards: the position after the closing quote.</param>
    public static string Read(ReadOnlySpan<byte> text, ref int position)
    {
        var start = position;
        var quote = text[position++];
        var bytes = new List<byte>();
        while (true)
        {
            if (position == text.Length || text[position] == (byte)'\n')
                throw new TextFormatException(start, "This string does not end on its line.");
            var next = text[position++];
            if (next == quote)
                break;
            if (next == (byte)'\\')
                ReadEscape(text, ref position, bytes);
            else
                bytes.Add(next);
        }

        try
        {
            return StrictUtf8.GetString([.. bytes]);
        }
        catch (DecoderFallbackException e)
        {
            throw new TextFormatException(start, $"This string is not UTF-8: {ProblemText.ToOneLine(e.Message)}");
        }
    }

    private static void ReadEscape(ReadOnlySpan<byte> text, ref int position, List<byte> bytes)
    {
        var start = position - 1;
        var letter = position < text.Length ? (char)text[position++] : '\0';
        var escapeIndex = "abfnrtv?\\'\"".IndexOf(letter, StringComparison.Ordinal);
        if (escapeIndex >= 0)
        {
            bytes.Add((byte)"\a\b\f\n\r\t\v?\\'\""[escapeIndex]);
            return;
        }

        var value = letter switch
        {
            >= '0' and <= '7' => ReadOctal(text, ref position),
            'x' or 'X' => ReadHexadecimal(text, ref position, min: 1, max: 2),
            'u' => ReadHexadecimal(text, ref position, min: 4, max: 4),
            'U' => ReadHexadecimal(text, ref position, min: 8, max: 8),
            _ => -1,
        };
        var isCharacter = letter is 'u' or 'U';
        if (value < 0 || (isCharacter ? !Rune.IsValid(value) : value > byte.MaxValue))
            throw new TextFormatException(start, "This is not an escape sequence.");
        if (isCharacter)
            bytes.AddRange(Encoding.UTF8.GetBytes(new Rune(value).ToString()));
        else
            bytes.Add((byte)value);
    }

    /// <summary>Reads one to three digits, the first of which is before the position.</summary>
    private static int ReadOctal(ReadOnlySpan<byte> text, ref int position)
    {
        var value = text[position - 1] - '0';
        for (var digits = 1; digits < 3 && position < text.Length && text[position] is >= (byte)'0' and <= (byte)'7'; digits++)
            value = (value * 8) + (text[position++] - '0');
        return value;
    }

    /// <returns>-1 when there are too few digits or the number is too large.</returns>
    private static int ReadHexadecimal(ReadOnlySpan<byte> text, ref int position, int min, int max)
    {
        var start = position;
        while (position < text.Length && position - start < max && char.IsAsciiHexDigit((char)text[position]))
            position++;
        return position - start >= min
            && int.TryParse(text[start..position], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                ? value
                : -1;
    }
}
