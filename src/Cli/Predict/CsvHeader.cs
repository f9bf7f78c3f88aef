using System.Text;

namespace Cli.Predict;

/// <summary>Distinguishes a line of names from a line of values.</summary>
internal static class CsvHeader
{
    /// <summary>Characters around a word for a missing value or an infinity: signs, brackets and quotes, as in <c>&lt;NA&gt;</c>.</summary>
    private const string Marks = "+-\u2212<>()[]{}#*.'\" ";

    /// <summary>Whether a row is a header. A row with a possible value is an item, because a skipped item would be lost.</summary>
    public static bool IsHeader(List<string> cells) => cells.TrueForAll(IsName);

    /// <summary>
    /// Whether the cell can only be a name. The first letter or digit of a name is a letter: amounts, dates and times begin with a digit.
    /// The words for a value, such as <c>NaN</c>, are no names. An error of a spreadsheet, such as <c>#DIV/0!</c>, is no name either. A
    /// comment of NumPy, <c># name</c>, is a name.
    /// </summary>
    private static bool IsName(string cell)
    {
        var first = cell.EnumerateRunes().FirstOrDefault(rune => Rune.IsLetter(rune) || Rune.IsNumber(rune));
        // C writes "nan(ind)".
        var word = cell.Trim(Marks.ToCharArray()).Split('(')[0];
        return Rune.IsLetter(first) && cell is not ['#', not ' ', ..] && CsvFile.ToJsonValue(word) is null
            && !word.Equals("None", StringComparison.OrdinalIgnoreCase) && !word.Equals("NaT", StringComparison.OrdinalIgnoreCase);
    }
}
