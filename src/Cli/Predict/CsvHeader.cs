using System.Text;

namespace Cli.Predict;

/// <summary>Distinguishes a line of names from a line of values.</summary>
internal static class CsvHeader
{
    /// <summary>
    /// Characters that can surround a word for a missing value or an infinity: signs, brackets and quotes, as in <c>&lt;NA&gt;</c>.
    /// </summary>
    private const string Marks = "+-\u2212<>()[]{}#*.'\" ";

    /// <summary>
    /// Whether a row is a header: each of its cells can only be a name. A row with a cell that may be a value is an item, so that no item
    /// is skipped.
    /// </summary>
    public static bool IsHeader(List<string> cells) => cells.TrueForAll(IsName);

    /// <summary>
    /// Whether the cell can only be a name. The first letter or digit of a name is a letter, because amounts, dates and times begin with a
    /// digit. Not a name are a word for a value, such as <c>NaN</c>, and an error of a spreadsheet, such as <c>#DIV/0!</c>. NumPy writes a
    /// header as a comment, so <c># name</c> is a name.
    /// </summary>
    private static bool IsName(string cell)
    {
        var first = cell.EnumerateRunes().FirstOrDefault(rune => Rune.IsLetter(rune) || Rune.IsNumber(rune));
        // Programs in C can write NaN as "nan(ind)". The part in parentheses is cut off.
        var word = cell.Trim(Marks.ToCharArray()).Split('(')[0];
        return Rune.IsLetter(first) && cell is not ['#', not ' ', ..] && CsvFile.ToJsonValue(word) is null
            && !word.Equals("None", StringComparison.OrdinalIgnoreCase) && !word.Equals("NaT", StringComparison.OrdinalIgnoreCase);
    }
}
