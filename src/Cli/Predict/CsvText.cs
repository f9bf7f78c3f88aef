using System.Text;
using Inference;

namespace Cli.Predict;

/// <summary>Reads the text of a CSV file as spreadsheets save it: its encoding, its separator and its quotes.</summary>
internal static class CsvText
{
    private static readonly char[] Separators = ['\t', ';', ','];

    /// <summary>Decodes UTF-8, or UTF-16 with a byte order mark. Spreadsheets name these formats "CSV UTF-8" and "Unicode text".</summary>
    /// <exception cref="CliException">The file has another encoding, or is not text.</exception>
    public static string Decode(byte[] content, string name)
    {
        Encoding encoding = content switch
        {
            [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] => throw CreateEncodingError(name, "UTF-32"),
            [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            [0, not 0, 0, not 0, ..] or [not 0, 0, not 0, 0, ..] => throw CreateEncodingError(name, "UTF-16 without a byte order mark"),
            _ when content.Contains((byte)0) || content.AsSpan().StartsWith("GIF8"u8) || content.AsSpan().StartsWith("%PDF"u8) =>
                throw CreateFormatError(name),
            _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true),
        };
        try
        {
            return encoding.GetString(content).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            // A table in a legacy encoding, such as Windows-1252, has no control characters except line breaks and tabs. A file with other
            // control characters is not a table.
            throw content.AsSpan().ContainsAnyInRange((byte)0x01, (byte)0x08) ? CreateFormatError(name)
                : CliException.CreateUsageError(
                    $"{name} is not in {(encoding is UTF8Encoding ? "UTF-8" : "UTF-16")}. Save it as \"CSV UTF-8\".", e);
        }
    }

    /// <summary>Reads the line <c>sep=;</c>, with which spreadsheets name the separator.</summary>
    public static bool TryReadSeparator(ReadOnlySpan<char> row, out char separator)
    {
        separator = '\0';
        if (row.Length != 5 || !row.StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
            return false;
        separator = row[4];
        return true;
    }

    /// <summary>Whether a row has no cells. If the separator is a tab, a row of tabs is not blank, because it has empty cells.</summary>
    /// <param name="separator">The separator; <c>'\0'</c> before it is known.</param>
    public static bool IsBlank(string row, char separator) => string.IsNullOrWhiteSpace(row) && !row.Contains(separator);

    /// <summary>Whether a line contains a tab, a semicolon or a comma.</summary>
    public static bool HasSeparator(ReadOnlySpan<char> row) => row.ContainsAny(Separators);

    /// <summary>
    /// Finds the separator of the first line: a tab, else a semicolon, else a comma. So a comma beside a semicolon is a decimal comma.
    /// </summary>
    public static char FindSeparator(ReadOnlySpan<char> row)
    {
        foreach (var separator in Separators)
        {
            if (row.Contains(separator))
                return separator;
        }

        return ',';
    }

    /// <summary>
    /// Returns the rows of a text with the numbers of their first lines. A line break in quotes belongs to the cell (RFC 4180).
    /// </summary>
    public static IEnumerable<(int Line, string Text)> ReadRows(string text)
    {
        using var lines = new StringReader(text);
        for (var number = 1; lines.ReadLine() is { } row; number++)
        {
            var firstNumber = number;
            var isOpen = HasOddQuotes(row);
            var cells = isOpen ? new StringBuilder(row) : null;
            while (isOpen && lines.ReadLine() is { } next)
            {
                number++;
                cells!.Append('\n').Append(next);
                isOpen ^= HasOddQuotes(next);
            }

            yield return (firstNumber, cells?.ToString() ?? row);
        }
    }

    /// <summary>
    /// Whether the line has an odd number of quotes, so that it opens a quoted cell, or closes the cell that an earlier line opened.
    /// </summary>
    private static bool HasOddQuotes(string line) => int.IsOddInteger(line.AsSpan().Count('"'));

    /// <summary>Returns the cells of a row, without whitespace around them and without their quotes (RFC 4180).</summary>
    /// <exception cref="CliException">A quote is not closed.</exception>
    public static List<string> Split(ReadOnlySpan<char> row, char separator, string name, int line)
    {
        var cells = new List<string>();
        var (cell, isQuoted) = (new StringBuilder(), false);
        foreach (var character in row)
        {
            if (character == '"')
                isQuoted = !isQuoted;
            if (character != separator || isQuoted)
            {
                cell.Append(character);
                continue;
            }

            cells.Add(Unquote(cell.ToString()));
            cell.Clear();
        }

        if (isQuoted)
            throw CliException.CreateUsageError($"{name}:{line}: a quote is not closed. Close it, or write it twice to have one in a cell.");
        cells.Add(Unquote(cell.ToString()));
        return cells;
    }

    /// <summary>Creates the error for a row that does not have as many cells as the first line.</summary>
    /// <param name="advice">A further sentence, which begins with a space; empty for none.</param>
    public static CliException CreateCountError(string name, int line, int cells, int columns, string advice = "") =>
        CliException.CreateUsageError(
            $"{name}:{line}: {Counted.Text(cells, "value")}; {columns} {(columns == 1 ? "is" : "are")} expected, as in the first line.{advice}");

    private static string Unquote(string cell)
    {
        cell = cell.Trim();
        return cell is ['"', .., '"'] ? cell[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal).Trim() : cell;
    }

    private static CliException CreateFormatError(string name) => CliException.CreateUsageError(
        $"{name} is not in a supported format (JSON, CSV, NPY, PNG, JPEG or WebP). Save a table as \"CSV UTF-8\".");

    private static CliException CreateEncodingError(string name, string encoding) =>
        CliException.CreateUsageError($"{name} is in {encoding}. Save it as \"CSV UTF-8\".");
}
