namespace Inference.Protocols.Json;

/// <summary>
/// Reads short numbers, which are most numbers in bodies: <c>13</c>, <c>-0.4921</c>. A short number has at most seven digits and no
/// exponent, is whole or below one, and is followed by a comma. All its digits fit into one 64-bit word, which saves a third of the time of
/// the general scan.
/// </summary>
internal static class ShortNumbers
{
    /// <summary>
    /// The maximum number of digits: one less than the bytes of a word, so that the word also contains the character after the number.
    /// </summary>
    private const int MaxDigits = sizeof(ulong) - 1;

    /// <summary>
    /// The maximum number of bytes that the loop reads for one number: a sign, a zero, a point, a word of digits, a comma and a space.
    /// </summary>
    private const int MaxBytes = 5 + sizeof(ulong);

    /// <summary>Reads numbers until one is not short. Only a comma and at most one space may be between two numbers.</summary>
    /// <param name="at">The start of the first number. Receives the end of the last number that was read.</param>
    /// <returns>The number of elements that were read.</returns>
    public static int Read<T, TConverter>(ReadOnlySpan<byte> text, Span<T> elements, ref int at)
        where T : unmanaged
        where TConverter : INumberConverter<T>
    {
        var (count, next, end) = (0, at, at);
        while (count < elements.Length && next < text.Length - MaxBytes)
        {
            var sign = 0;
            if (text[next] == '-')
            {
                sign = -1;
                next++;
            }

            var word = Digits.Load(text[next..]);
            // Whether the text starts with "0.". In a loaded word, the byte of the digit 0 is 0.
            var isFraction = (ushort)word == ('.' ^ '0') << 8;
            if (isFraction)
                word = Digits.Load(text[(next += 2)..]);
            var digits = Digits.Count(word);
            // The test for a leading zero has no branch, because the processor could not predict it.
            if (digits is 0 or > MaxDigits || text[next + digits] != ',' || (!isFraction & digits > 1 & (byte)word == 0))
                break;
            // Negates the value when the sign is -1.
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
