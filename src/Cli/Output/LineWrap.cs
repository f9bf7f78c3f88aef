namespace Cli.Output;

/// <summary>Breaks a text into lines between its words.</summary>
internal static class LineWrap
{
    /// <param name="width">
    /// The maximum number of characters in a line. A word that is longer than this has a line of its own, so that users can copy the whole
    /// word.
    /// </param>
    public static IEnumerable<string> Split(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        yield return line;
    }

    /// <summary>Returns the number of characters of the longest word.</summary>
    public static int LongestWordLength(string text) => text.Split(' ').Max(word => word.Length);
}
