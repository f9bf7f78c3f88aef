using System.Globalization;

namespace Cli.Predict;

/// <summary>Rows of numbers, one item each; a first line of names is passed over.</summary>
internal static class CsvFile
{
    /// <returns>A JSON array for each row.</returns>
    /// <exception cref="CliException">A value is no number, or a row has another number of values; with its place.</exception>
    public static List<string> ReadItems(string text, string name)
    {
        var items = new List<string>();
        var (line, columns) = (0, 0);
        foreach (var row in text.EnumerateLines())
        {
            line++;
            if (row.IsWhiteSpace())
                continue;
            var cells = row.ToString().Split(',', StringSplitOptions.TrimEntries);
            if (items.Count == 0 && columns == 0 && Array.Exists(cells, cell => Number(cell) is null))
            {
                columns = cells.Length;
                continue;
            }

            columns = columns == 0 ? cells.Length : columns;
            if (cells.Length != columns)
                throw new CliException($"{name}:{line}: {cells.Length} values; {columns} are expected, as in the first line.");
            items.Add($"[{string.Join(',', cells.Select((cell, at) => Number(cell) ?? throw NoNumber(name, line, at + 1, cell)))}]");
        }

        return items.Count > 0 ? items : throw new CliException($"{name} has no rows of numbers.");
    }

    /// <summary>As JSON writes it; whole numbers keep all their digits.</summary>
    private static string? Number(string cell) =>
        long.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole.ToString(CultureInfo.InvariantCulture)
        : double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture)
        : null;

    private static CliException NoNumber(string name, int line, int column, string cell) =>
        new($"{name}:{line}: value {column}, \"{cell}\", is no number. A JSON file takes text and models with several inputs.");
}
