namespace Cli.Output;

/// <summary>Columns of text that can be piped and copied: there are no frames, and no line is wrapped.</summary>
internal sealed class TextTable(params string[] headers)
{
    private const string Gap = "  ";

    private readonly List<string[]> _rows = [headers];

    /// <summary>Adds a row. Cells are escaped here, because the width of a column depends on the printed text.</summary>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Printable.Line)]);

    /// <param name="width">The maximum width in characters, at which a longer line ends with an ellipsis; null for no maximum.</param>
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
