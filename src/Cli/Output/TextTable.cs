namespace Cli.Output;

/// <summary>Columns of text that pipe and copy cleanly: no frames, and no line is broken.</summary>
internal sealed class TextTable(params string[] headers)
{
    private const string Gap = "  ";

    private readonly List<string[]> _rows = [headers];

    /// <summary>Adds a row. Cells are escaped here, because a column is as wide as what is printed.</summary>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Printable.Line)]);

    /// <param name="width">In characters. A longer line ends with an ellipsis there; null for lines of any length.</param>
    public void Write(TextWriter output, int? width = null)
    {
        var widths = Enumerable.Range(0, headers.Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
        {
            var line = string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd();
            output.WriteLine(line.Length > width ? string.Concat(line.AsSpan(0, width.Value - 1), "…") : line);
        }
    }
}
