using System.Globalization;
using System.Text;
using Cli.Output;
using Cli.Server;

namespace Cli.Predict;

/// <summary>A CSV file whose header names the inputs of a model. Each column is an input, each row an item.</summary>
internal sealed class CsvTable
{
    private readonly string[] _names;

    private CsvTable(string[] names, List<CsvRow> rows) => (_names, Rows) = (names, rows);

    public IReadOnlyList<CsvRow> Rows { get; }

    /// <summary>Reads the table of a CSV file if each of the file's columns is an input of the model.</summary>
    /// <returns>Null for any other input.</returns>
    /// <exception cref="CliException">The server refuses the request for the model's inputs, or the table is not valid.</exception>
    public static async Task<CsvTable?> FindAsync(PredictInput input, ModelInfo model, CancellationToken cancellationToken)
    {
        // A first line without a letter has no names, so the server need not be called.
        if (input is not { Csv: { } csv, HasHeader: not false, IsText: false } || !csv.TrimStart().Split('\n', 2)[0].Any(char.IsLetter))
            return null;
        var metadata = await model.GetMetadataAsync(cancellationToken);
        var inputs = ServerResponse.Read(() => metadata.GetProperty("inputs").EnumerateArray()
            .ToDictionary(entry => entry.GetProperty("name").GetString()!, entry => entry.GetProperty("datatype").GetString()!));
        return TryRead(csv, input.Name, inputs);
    }

    /// <summary>
    /// Reads the table if its header has the names of all inputs, in any order, and no other names. For a model with several inputs, every
    /// other header is an error, because each column must belong to an input.
    /// </summary>
    /// <param name="file">The name of the file, for messages.</param>
    /// <param name="inputs">The name of each input, with its datatype in the Open Inference Protocol.</param>
    /// <returns>Null for a model with at most one input, if the file has no such header.</returns>
    /// <exception cref="CliException">
    /// A name or a cell does not belong to an input, or a row does not have as many cells as the header. The message contains the
    /// position.
    /// </exception>
    public static CsvTable? TryRead(string text, string file, IReadOnlyDictionary<string, string> inputs)
    {
        string[]? names = null;
        var (separator, rows) = ('\0', new List<CsvRow>());
        foreach (var (line, row) in CsvText.ReadRows(text))
        {
            if (CsvText.IsBlank(row, separator) || (line == 1 && CsvText.TryReadSeparator(row, out separator)))
                continue;
            separator = separator == '\0' ? CsvText.FindSeparator(row) : separator;
            var cells = CsvText.Split(row, separator, file, line);
            if (names is null)
            {
                if (FindMismatch(cells, inputs) is { } mismatch)
                {
                    if (inputs.Count <= 1)
                        return null;
                    throw IsHeader(cells, inputs)
                        ? CreateHeaderError($"{file}:{line}: {mismatch}", inputs.Keys)
                        : CliException.CreateUsageError(
                            $"{file}:{line}: this line does not name the inputs of the model. "
                            + $"Write a line with their names above it: {QuoteNames(inputs.Keys)}.");
                }

                names = [.. cells];
                continue;
            }

            if (cells.Count != names.Length)
                throw CsvText.CreateCountError(file, line, cells.Count, names.Length);
            string[] values = [.. cells.Select((cell, column) => ToJson(cell, inputs[names[column]])
                ?? throw CliException.CreateUsageError(
                    $"{file}:{line}: column \"{names[column]}\", \"{Printable.EscapeLine(Inference.Quote.Shorten(cell))}\", "
                    + $"is not a value of {inputs[names[column]]}.{DescribeComma(cell, inputs[names[column]])}"))];
            rows.Add(new CsvRow(values, line));
        }

        return names is null ? null
            : rows.Count > 0 ? new CsvTable(names, rows)
            : throw CliException.CreateUsageError($"{file} has no rows below its header.");
    }

    /// <summary>Creates the body of a request for some of the rows.</summary>
    public byte[] Encode(IReadOnlyCollection<CsvRow> rows)
    {
        var columns = _names.Select((name, column) =>
            $"{PredictInput.ToJsonString(name)}:[{string.Join(',', rows.Select(row => row.Cells[column]))}]");
        return Encoding.UTF8.GetBytes($"{{\"inputs\":{{{string.Join(',', columns)}}}}}");
    }

    /// <returns>Advice for a number with commas, after a space; empty for any other cell.</returns>
    private static string DescribeComma(string cell, string type) =>
        type != "BOOL" && CsvFile.DescribeComma(cell, isWhole: type.Contains("INT", StringComparison.Ordinal)) is { } advice
            ? $" {advice}"
            : "";

    /// <summary>Whether a line consists of names, or contains the name of at least one input.</summary>
    private static bool IsHeader(List<string> cells, IReadOnlyDictionary<string, string> inputs) =>
        CsvHeader.IsHeader(cells) || cells.Exists(inputs.ContainsKey);

    /// <returns>The first difference as a sentence; null when inputs and columns correspond one to one.</returns>
    private static string? FindMismatch(List<string> cells, IReadOnlyDictionary<string, string> inputs)
    {
        if (cells.FindIndex(cell => !inputs.ContainsKey(cell)) is >= 0 and var unknown)
        {
            return cells[unknown].Length == 0 ? $"column {unknown + 1} has no name."
                : $"column {QuoteNames([cells[unknown]])} is not an input of the model.";
        }

        return inputs.Keys.FirstOrDefault(input => !cells.Contains(input)) is { } missing ? $"input {QuoteNames([missing])} has no column."
            : cells.Count > inputs.Count ? "two columns have the same name."
            : null;
    }

    private static CliException CreateHeaderError(string problem, IEnumerable<string> inputs) =>
        CliException.CreateUsageError($"{problem} Write one column for each of the inputs {QuoteNames(inputs)}.");

    private static string QuoteNames(IEnumerable<string> names) =>
        string.Join(", ", names.Select(name => $"\"{Printable.EscapeLine(Inference.Quote.Shorten(name))}\""));

    /// <returns>
    /// The cell as JSON; null when it is not a value of the type. The server checks whether the value is in the range of the type.
    /// </returns>
    private static string? ToJson(string cell, string datatype) => datatype switch
    {
        "BYTES" => PredictInput.ToJsonString(cell),
        "BOOL" => cell.ToUpperInvariant() is var word && word is "TRUE" or "1" ? "true" : word is "FALSE" or "0" ? "false" : null,
        "FP16" or "BF16" or "FP32" or "FP64" => CsvFile.ToJsonNumber(cell),
        _ => decimal.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString(CultureInfo.InvariantCulture)
            : null,
    };
}

/// <summary>A row of a table.</summary>
/// <param name="Cells">The cells as JSON, in the order of the header.</param>
/// <param name="Line">The line of the file on which the row begins, from 1.</param>
internal readonly record struct CsvRow(string[] Cells, int Line);
