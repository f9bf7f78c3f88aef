namespace Inference.Text;

/// <summary>Converts positions in a text from UTF-16 code units to code points.</summary>
internal static class CodePointMap
{
    /// <returns>
    /// The number of code points before each code unit and before the end; null for a text without surrogate pairs, in which both counts
    /// are equal.
    /// </returns>
    public static int[]? TryCreate(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDBFF'))
            return null;
        var map = new int[text.Length + 1];
        for (var (index, count) = (0, 0); index < text.Length; index++)
        {
            map[index] = count;
            if (!char.IsHighSurrogate(text[index]) || index + 1 == text.Length || !char.IsLowSurrogate(text[index + 1]))
                count++;
            map[index + 1] = count;
        }

        return map;
    }
}
