using System.Globalization;
using Cli.Output;

namespace Cli.Predict;

/// <summary>The texts in a column of a CSV file, one item each.</summary>
internal static class TextColumn
{
    private const string DefaultName = "text";

    /// <summary>Reads the column with a name, or with a number counted from 1.</summary>
    /// <exception cref="CliException">
    /// There is no such column, or a row does not have as many cells as the first line. The message contains the position.
    /// </exception>
    public static IReadOnlyList<InputItem> Read(PredictInput input, string column)
    {
        var rows = ReadRows(input);
        var names = rows[0].Cells;
        var index = input.HasHeader is false ? -1 : names.FindIndex(name => name.Equals(column, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
        {
            return names.Count(name => name.Equals(column, StringComparison.OrdinalIgnoreCase)) == 1
                ? ReadItems(rows, index, hasHeader: true, input)
                : throw CliException.CreateUsageError(
                    $"{input.Name} has several columns {Quoted(column)}. Name one by its number, such as --column {index + 1}.");
        }

        if (int.TryParse(column, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= names.Count)
            return ReadItems(rows, number - 1, HasHeader(rows, input), input);
        throw CliException.CreateUsageError($"{input.Name} has no column {Quoted(column)}. Its first line has {List(names)}.");
    }

    /// <summary>
    /// Reads the column "text", or else the only column. In a file with one column, the first line is a text, unless the line is "text" or
    /// <c>--header</c> makes it a header. A header that becomes an extra item does less harm than a text that is lost.
    /// </summary>
    /// <returns>Null when the first line has several cells, and each cell is a value such as a number.</returns>
    /// <exception cref="CliException">Several columns could be the one with the texts, or the column cannot be read.</exception>
    public static IReadOnlyList<InputItem>? TryRead(PredictInput input)
    {
        var rows = ReadRows(input);
        var names = rows[0].Cells;
        if (input.HasHeader is not false && names.Exists(name => name.Equals(DefaultName, StringComparison.OrdinalIgnoreCase)))
            return Read(input, DefaultName);
        if (names.Count == 1)
            return ReadItems(rows, 0, input.HasHeader is true, input);
        return names.TrueForAll(name => CsvFile.ToJsonValue(name) is not null)
            ? null
            : throw CliException.CreateUsageError($"{input.Name} has several columns. Name the one with the texts: --column {List(names, " or ")}.");
    }

    /// <summary>
    /// Whether the first line has names, when the user chose a column by its number. Without <c>--header</c>, the first line is a header if
    /// it has several cells that can only be names. A message on stderr then reports the skipped line, because its cells could be texts.
    /// </summary>
    private static bool HasHeader(List<(int Line, List<string> Cells)> rows, PredictInput input)
    {
        if (input.HasHeader is { } hasNames)
            return hasNames;
        var cells = rows[0].Cells;
        if (cells.Count < 2 || !CsvHeader.IsHeader(cells))
            return false;
        SafeConsole.WriteError($"{input.Name}: the first line has names and is skipped. Add --header false if it has texts.");
        return true;
    }

    private static List<(int Line, List<string> Cells)> ReadRows(PredictInput input)
    {
        var rows = new List<(int Line, List<string> Cells)>();
        char? separator = null;
        foreach (var (line, row) in CsvText.ReadRows(input.Csv!))
        {
            if (CsvText.IsBlank(row, separator ?? '\0'))
                continue;
            if (line == 1 && CsvText.TryReadSeparator(row, out var namedSeparator))
            {
                separator = namedSeparator;
                continue;
            }

            // A file without a separator in its first line is a list of texts, which may have commas.
            separator ??= CsvText.HasSeparator(row) ? CsvText.FindSeparator(row) : '\0';
            rows.Add((line, CsvText.Split(row, separator.Value, input.Name, line)));
        }

        return rows.Count > 0 ? rows : throw CliException.CreateUsageError($"{input.Name} has no texts.");
    }

    private static List<InputItem> ReadItems(List<(int Line, List<string> Cells)> rows, int index, bool hasHeader, PredictInput input)
    {
        var texts = new List<InputItem>();
        var columns = rows[0].Cells.Count;
        foreach (var (line, cells) in rows.Skip(hasHeader ? 1 : 0))
        {
            if (cells.Count != columns)
                throw CsvText.CreateCountError(input.Name, line, cells.Count, columns, " Quote texts that contain the separator.");
            texts.Add(new InputItem(PredictInput.ToJsonString(cells[index]), line));
        }

        return texts.Count > 0 ? texts : throw CliException.CreateUsageError($"{input.Name} has no texts below its header.");
    }

    private static string List(IEnumerable<string> names, string separator = ", ") =>
        string.Join(separator, names.Take(8).Select(Quoted));

    private static string Quoted(string name) => $"\"{Printable.EscapeLine(Inference.Quote.Shorten(name))}\"";
}
