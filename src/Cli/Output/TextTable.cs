namespace Cli.Output;

/// <summary>
/// The layout of a table whose rows are wider than the terminal. If the layout does not fit either, the table uses
/// <see cref="TableOverflow.Transpose"/>.
/// </summary>
internal enum TableOverflow
{
    /// <summary>Rows become columns. If the columns are too wide as well, each row becomes a block of lines.</summary>
    Transpose,

    /// <summary>The last column has sentences, which are wrapped between words.</summary>
    WrapLast,

    /// <summary>The last columns are left out.</summary>
    DropLast,
}

/// <summary>
/// A table of text without frames. In a pipe or a file, each row is one line of any length. On a terminal, lines are wrapped to the width
/// of the terminal, and no word is broken.
/// </summary>
internal sealed class TextTable(TableOverflow overflow, params string[] headers)
{
    private const string Gap = "  ";
    private const string Ellipsis = "…";
    private const string Indent = "    ";

    /// <summary>
    /// The minimum width of a column of sentences. If there is less room, a text of several lines is written below its row instead.
    /// </summary>
    private const int MinTextWidth = 30;

    private readonly List<StyledText[]> _rows = [[.. headers.Select(header => new StyledText(header, Style.Bold))]];

    /// <summary>Adds a row. Cells are escaped before the columns are measured, because escaping makes a text longer.</summary>
    public void Add(params StyledText[] cells) =>
        _rows.Add([.. cells.Select(cell => cell with { Text = Printable.EscapeLine(cell.Text) })]);

    /// <summary>Writes the table to stdout.</summary>
    public void Write()
    {
        var widths = MeasureColumns(_rows);
        var columns = widths.Length;
        if (Terminal.Width is not { } width || GetTotalWidth(widths) <= width)
            WriteRows(_rows, widths);
        else if (overflow == TableOverflow.WrapLast && GetTotalWidth(widths[..^1]) <= width)
            WriteWrapped(widths, width);
        else if (overflow == TableOverflow.DropLast && CountFitting(widths, width) is > 0 and var fitting)
            WriteRows([.. _rows.Select((row, i) => (StyledText[])[.. row[..fitting], i == 0 ? Ellipsis : ""])], [.. widths[..fitting], 1]);
        else if (Transpose() is var transposed && MeasureColumns(transposed) is var newWidths && GetTotalWidth(newWidths) <= width)
            WriteRows(transposed, newWidths);
        else
            WriteBlocks(width);
    }

    private static int[] MeasureColumns(List<StyledText[]> rows) =>
        [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Text.Length))];

    private static int GetTotalWidth(int[] widths) => widths.Sum() + (Gap.Length * (widths.Length - 1));

    /// <summary>Returns the number of columns that fit beside <see cref="Ellipsis"/>, which stands for the other columns.</summary>
    private static int CountFitting(int[] widths, int width)
    {
        var count = 0;
        while (GetTotalWidth([.. widths[..(count + 1)], Ellipsis.Length]) <= width)
            count++;
        return count;
    }

    private static void WriteRows(List<StyledText[]> rows, int[] widths)
    {
        foreach (var row in rows)
            WriteRow(row, widths);
    }

    private static void WriteRow(StyledText[] row, int[] widths)
    {
        var last = Array.FindLastIndex(row, cell => cell.Text.Length > 0);
        var parts = new List<StyledText>();
        for (var column = 0; column <= last; column++)
        {
            parts.Add(row[column]);
            if (column < last)
                parts.Add(new string(' ', widths[column] - row[column].Text.Length) + Gap);
        }

        SafeConsole.WriteLine(parts);
    }

    /// <summary>Writes the sentences in the last column, or below their row when the column has no room.</summary>
    private void WriteWrapped(int[] widths, int width)
    {
        var start = GetTotalWidth(widths[..^1]) + Gap.Length;
        foreach (var row in _rows)
        {
            var text = row[^1].Text;
            var isBeside = text.Length == 0 || LineWrap.LongestWordLength(text) <= width - start;
            if (width - start < MinTextWidth)
                isBeside = text.Length <= width - start;
            var lines = LineWrap.Split(text, width - (isBeside ? start : Indent.Length)).ToList();
            WriteRow([.. row[..^1], isBeside ? row[^1] with { Text = lines[0] } : ""], widths);
            foreach (var line in isBeside ? lines.Skip(1) : lines)
                SafeConsole.WriteLine(isBeside ? new string(' ', start) : Indent, row[^1] with { Text = line });
        }
    }

    private List<StyledText[]> Transpose() =>
        [.. Enumerable.Range(0, headers.Length).Select(column => _rows.Select(row => row[column]).ToArray())];

    private void WriteBlocks(int width)
    {
        var start = headers.Max(header => header.Length) + Gap.Length;
        for (var index = 1; index < _rows.Count; index++)
        {
            if (index > 1)
                Console.Out.WriteLine();
            for (var column = 0; column < headers.Length; column++)
            {
                var name = _rows[0][column] with { Text = headers[column].PadRight(start) };
                foreach (var line in LineWrap.Split(_rows[index][column].Text, width - start))
                {
                    SafeConsole.WriteLine(name, _rows[index][column] with { Text = line });
                    name = new string(' ', start);
                }
            }
        }
    }
}
