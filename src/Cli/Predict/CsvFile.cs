using System.Globalization;
using System.Text.RegularExpressions;
using Cli.Output;

namespace Cli.Predict;

/// <summary>Reads rows of numbers, one item per row. A first line of names is skipped.</summary>
internal static partial class CsvFile
{
    /// <summary>
    /// Maps the words that spreadsheets, pandas and NumPy write for missing values and infinities to their JSON values.
    /// </summary>
    private static readonly Dictionary<string, string> SpecialWords = new(StringComparer.OrdinalIgnoreCase)
    {
        { "", "null" }, { "NA", "null" }, { "N/A", "null" }, { "#N/A", "null" }, { "null", "null" }, { "NaN", "\"NaN\"" },
        { "inf", "\"Infinity\"" }, { "+inf", "\"Infinity\"" }, { "Infinity", "\"Infinity\"" }, { "+Infinity", "\"Infinity\"" },
        { "-inf", "\"-Infinity\"" }, { "-Infinity", "\"-Infinity\"" },
    };

    /// <param name="name">The name of the file, for messages.</param>
    /// <param name="hasHeader">Whether the first line has names; null to infer this from its cells.</param>
    /// <param name="isScalar">Whether an item is a single value, so that a row of one column is a value and not an array.</param>
    /// <returns>A JSON array for each row; a JSON value for each row of one column when <paramref name="isScalar"/> is true.</returns>
    /// <exception cref="CliException">
    /// A value is not a number, two rows differ in their number of values, or there are no rows. The message contains the position.
    /// </exception>
    public static List<InputItem> ReadItems(string text, string name, bool? hasHeader, bool isScalar)
    {
        var items = new List<InputItem>();
        var (columns, separator) = (0, '\0');
        foreach (var (line, row) in CsvText.ReadRows(text))
        {
            if (CsvText.IsBlank(row, separator) || (line == 1 && CsvText.TryReadSeparator(row, out separator)))
                continue;
            if (separator == '\0')
                separator = CsvText.FindSeparator(row);
            var cells = CsvText.Split(row, separator, name, line);
            var isFirst = columns == 0;
            if (isFirst)
            {
                columns = cells.Count;
                if (hasHeader ?? CsvHeader.IsHeader(cells))
                    continue;
            }

            if (cells.Count != columns)
                throw CsvText.CreateCountError(name, line, cells.Count, columns);
            var values = cells.Select((cell, index) => ToJsonValue(cell) ?? throw CreateNumberError(name, line, index + 1, cell, isFirst));
            var item = string.Join(',', values);
            items.Add(new InputItem(isScalar && columns == 1 ? item : $"[{item}]", line));
        }

        return items.Count > 0 ? items : throw CliException.CreateUsageError(hasHeader is true
            ? $"{name} has no rows of numbers below its first line, which --header makes a header."
            : $"{name} has no rows of numbers.");
    }

    /// <summary>Converts a cell to JSON: a number, a boolean, or a word for a missing value or an infinity, such as <c>NA</c>.</summary>
    /// <returns>Null when the cell is none of these.</returns>
    public static string? ToJsonValue(string cell) =>
        cell.Equals("true", StringComparison.OrdinalIgnoreCase) ? "true"
        : cell.Equals("false", StringComparison.OrdinalIgnoreCase) ? "false"
        : ToJsonNumber(cell);

    /// <summary>
    /// Converts a cell to JSON: a number, or a word for a missing value or an infinity, such as <c>NA</c>. Whole numbers keep all their
    /// digits.
    /// </summary>
    /// <returns>Null when the cell is none of these.</returns>
    public static string? ToJsonNumber(string cell) =>
        long.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            ? whole.ToString(CultureInfo.InvariantCulture)
        : SpecialWords.TryGetValue(cell, out var word) ? word
        : double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
        ? number.ToString("R", CultureInfo.InvariantCulture)
        : null;

    /// <summary>
    /// Gives advice for a number with commas. The comma in 1,000 can separate thousands or decimals, so the advice covers both cases.
    /// </summary>
    /// <param name="isWhole">Whether the input accepts only whole numbers.</param>
    /// <returns>Null for any other cell.</returns>
    public static string? DescribeComma(string cell, bool isWhole) =>
        ThousandsSeparators().IsMatch(cell)
            ? isWhole ? "Write it without thousands separators." : "Write it without thousands separators, and with a decimal point."
        : !isWhole && cell.Count(character => character == ',') == 1 && ToJsonNumber(cell.Replace(',', '.')) is not null
            ? "It has a decimal comma: write a decimal point."
        : null;

    private static CliException CreateNumberError(string name, int line, int column, string cell, bool isFirst) =>
        CliException.CreateUsageError(
            $"{name}:{line}: value {column}, \"{Printable.EscapeLine(Inference.Quote.Shorten(cell))}\", is not a number. "
            + (DescribeComma(cell, isWhole: false)
                ?? (isFirst ? "If the first line has names, add --header. " : "")
                + "For text or several inputs, write the names of the inputs in the first line, such as age,city."));

    [GeneratedRegex(@"^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex ThousandsSeparators();
}
