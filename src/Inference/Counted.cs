using System.Globalization;

namespace Inference;

/// <summary>Writes counts with their nouns.</summary>
public static class Counted
{
    /// <returns>A text such as "1 model" or "2 models".</returns>
    public static string Text(long count, string noun) => Text(count, noun, $"{noun}s");

    /// <param name="plural">The plural, for a noun whose plural does not only add an "s", such as "entries".</param>
    public static string Text(long count, string noun, string plural) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? noun : plural)}");
}
