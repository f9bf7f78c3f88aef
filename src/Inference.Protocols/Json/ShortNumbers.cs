namespace Inference.Protocols.Json;

/// <summary>
/// Numbers such as most bodies have: <c>13</c>, <c>-0.4921</c>, of at most seven digits, whole or below one, without an exponent, and with
/// a comma behind. One word has all digits of such a number, and no more is asked of them: a third of the time of reading any number is
/// saved.
/// </summary>
internal static class ShortNumbers
{
    /// <summary>Of a word, so that what ends the number is in it, too.</summary>
    private const int MostDigits = sizeof(ulong) - 1;

    /// <summary>From one number's start to where the next one's is known: comma, space, sign, zero, point and a word.</summary>
    private const int Ahead = 5 + sizeof(ulong);

    /// <summary>Reads numbers until one is none of these, with nothing between them but a comma and a space at most.</summary>
    /// <param name="at">The first number's start. It moves behind the last one's end, or stays when there is none.</param>
    /// <returns>The count of the numbers that were read.</returns>
    public static int Read<T, TConverter>(ReadOnlySpan<byte> text, Span<T> elements, ref int at)
        where T : unmanaged
        where TConverter : INumberConverter<T>
    {
        var (count, next, end) = (0, at, at);
        while (count < elements.Length && next < text.Length - Ahead)
        {
            var sign = 0;
            if (text[next] == '-')
            {
                sign = -1;
                next++;
            }

            var word = Digits.Take(text[next..]);
            var isFraction = (ushort)word == ('.' ^ '0') << 8;
            if (isFraction)
                word = Digits.Take(text[(next += 2)..]);
            var digits = Digits.Count(word);
            // No branch on whether the first of several is a zero: that is as good as random.
            if (digits is 0 or > MostDigits || text[next + digits] != ',' || (!isFraction & digits > 1 & (byte)word == 0))
                break;
            var mantissa = ((int)Digits.Value(word, digits) ^ sign) - sign;
            if ((mantissa == 0 && sign != 0) || !TConverter.TryConvert(mantissa, isFraction ? digits : 0, out elements[count]))
                break;
            count++;
            end = next + digits;
            next = end + 1;
            if (text[next] == ' ')
                next++;
        }

        at = end;
        return count;
    }
}
