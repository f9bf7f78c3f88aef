using System.Text;

namespace Cli.Predict;

/// <summary>Distinguishes a line of names from a line of values.</summary>
internal static class CsvHeader
{
    /// <summary>Characters around a word for a missing value or an infinity: signs, brackets and quotes, as in <c>&lt;NA&gt;</c>.</summary>
    private const string Marks = "+-\u2212<>()[]{}#*.'\" ";

    /// <summary>Whether a row is a header. A row with a possible value is an item, because a skipped item would be lost.</summary>
    public static bool Is(List<string> cells) => cells.TrueForAll(IsName);

    /// <summary>
    /// Whether the cell can only be a name. The first of its letters and digits must be a letter, which excludes amounts, dates and times.
    /// Words for a value and errors of a spreadsheet such as <c>#DIV/0!</c> are excluded; NumPy's comment <c># name</c> is a name.
    /// </summary>
    private static bool IsName(string cell)
    {
        var first = cell.EnumerateRunes().FirstOrDefault(rune => Rune.IsLetter(rune) || Rune.IsNumber(rune));
        // C writes "nan(ind)".
        var word = cell.Trim(Marks.ToCharArray()).Split('(')[0];
        return Rune.IsLetter(first) && cell is not ['#', not ' ', ..] && CsvFile.Value(word) is null
            && !word.Equals("None", StringComparison.OrdinalIgnoreCase) && !word.Equals("NaT", StringComparison.OrdinalIgnoreCase);
    }
}
