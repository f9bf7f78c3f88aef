using System.Text;

namespace Cli.Predict;

/// <summary>Tells a line of names from a line of values.</summary>
internal static class CsvHeader
{
    /// <summary>
    /// What stands around a word for a missing value or an infinity: signs, brackets and quotes, as in <c>&lt;NA&gt;</c>.
    /// </summary>
    private const string Marks = "+-\u2212<>()[]{}#*.'\" ";

    /// <summary>A row with a cell that may be a value is no header: losing it would be losing an item.</summary>
    public static bool Is(List<string> cells) => cells.TrueForAll(IsName);

    /// <summary>
    /// Whether the cell can only be a name. Of its letters and digits a letter is the first, which excludes amounts, dates and times. It is
    /// neither a word for a value nor an error of a spreadsheet such as <c>#DIV/0!</c>; NumPy's comment <c># name</c> is a name.
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
