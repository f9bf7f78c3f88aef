using System.Text.Json;
using Cli.Output;
using Inference.Models.Settings;

namespace Cli.Predict;

/// <summary>
/// Writes predictions as text. In the formats JSON and CSV, each item is written when it arrives. A table is written by
/// <see cref="Dispose"/>, because the widths of its columns depend on all items.
/// </summary>
internal sealed class TextOutput(OutputFormat format, TextWriter output, OutputFile? file = null) : PredictionOutput(file)
{
    /// <summary>The header of a CSV file when none of the texts has an entity. The header of a file with entities is the same.</summary>
    private static readonly string[] EntityHeader = ["item", "entity_group", "score", "word", "start", "end"];

    /// <summary>Whether there is a column for the label with the highest score; null before the first row.</summary>
    private bool? _hasLabel;

    private TextTable? _table;
    private string[]? _columnNames;

    /// <summary>Whether an item had labels, entities or tokens, as only models with a task have: see <see cref="TaskResponse"/>.</summary>
    private bool _hasTask;

    /// <summary>Whether the labels have scores that differ from the predicted values; null before the first item.</summary>
    private bool? _showsScores;
    private bool _isHeaderWritten;

    /// <summary>Whether the items are texts. An item without values is then a text without entities.</summary>
    public bool IsText { get; init; }

    /// <summary>Writes the response to a single request. In JSON format, the server's JSON is written as it is.</summary>
    public override void WriteSingle(JsonElement response)
    {
        if (format == OutputFormat.Json)
            output.WriteLine(JsonConsole.ToText(response.WriteTo));
        else
            base.WriteSingle(response);
    }

    public override void Dispose()
    {
        if (IsPrinted)
            WriteResultIfAllEmpty();
        _table?.Write();
        if (IsPrinted)
            output.Flush();
        base.Dispose();
    }

    protected override bool TryFinish()
    {
        WriteResultIfAllEmpty();
        output.Flush();
        return true;
    }

    protected override void WriteItem(JsonElement prediction, JsonElement labels)
    {
        if (format == OutputFormat.Json)
            WriteJson(prediction, labels);
        else
            WriteRows(prediction, labels);
    }

    private void WriteJson(JsonElement prediction, JsonElement labels) => output.WriteLine(JsonConsole.ToText(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("item"u8, ItemCount);
        writer.WritePropertyName("prediction"u8);
        prediction.WriteTo(writer);
        if (labels.ValueKind == JsonValueKind.Array)
        {
            writer.WritePropertyName("labels"u8);
            labels.WriteTo(writer);
        }

        writer.WriteEndObject();
    }));

    /// <summary>Writes a row for each label, entity or token of a task's prediction, and one row for any other prediction.</summary>
    private void WriteRows(JsonElement prediction, JsonElement labels)
    {
        var rows = TaskResponse.FindRows(prediction);
        // The first item decides for all items, because all rows have the same columns.
        _showsScores ??= rows is null && TaskResponse.HasOtherScores(prediction, labels);
        if (_showsScores == true && labels.ValueKind == JsonValueKind.Array)
            rows = [.. labels.EnumerateArray()];
        // An item without rows is a text without entities if the model has a task. Otherwise its output has no values, and gets a row.
        if (rows is null || (rows.Count == 0 && _columnNames is not null && !_hasTask))
        {
            WriteRow(prediction, labels);
            return;
        }

        // Items without rows do not show whether the model has a task.
        _hasTask |= rows.Count > 0;
        foreach (var row in rows)
            WriteRow(row, labels: default);
    }

    private void WriteRow(JsonElement prediction, JsonElement labels)
    {
        var values = new List<(string Name, string Value)>();
        AddValues(prediction, "", values);
        // A table leaves out the values that do not fit the terminal. Each value needs at least one character of the width.
        if (format == OutputFormat.Table && Terminal.Width is { } width && values.Count > width)
            values.RemoveRange(width, values.Count - width);
        var bestLabel = labels.ValueKind == JsonValueKind.Array && labels.GetArrayLength() > 0
            ? TaskResponse.GetLabel(labels[0])
            : null;
        _hasLabel ??= bestLabel is not null;
        string[] leadingCells = _hasLabel == true ? [$"{ItemCount}", bestLabel ?? ""] : [$"{ItemCount}"];
        if (_columnNames is null)
        {
            _columnNames = ["item", .. _hasLabel == true ? ["label"] : Array.Empty<string>(), .. values.Select(value => value.Name)];
            WriteEarlierEmptyItems();
        }

        WriteCells([.. leadingCells, .. AlignToColumns(values, _columnNames[leadingCells.Length..])]);
    }

    /// <summary>Writes a row for each item before the first item with values, unless they are texts without entities.</summary>
    private void WriteEarlierEmptyItems()
    {
        for (var item = 0; item < ItemCount && !_hasTask; item++)
            WriteCells([$"{item}", .. Enumerable.Repeat("", _columnNames!.Length - 1)]);
    }

    /// <summary>If no item had values, reports that the texts have no entities, or writes a row for each item.</summary>
    private void WriteResultIfAllEmpty()
    {
        if (format == OutputFormat.Json || _columnNames is not null || ItemCount == 0)
            return;
        if (IsText && format == OutputFormat.Table)
        {
            output.WriteLine("No entities.");
            return;
        }

        _columnNames = IsText ? EntityHeader : ["item"];
        if (IsText)
            WriteHeader();
        else
            WriteEarlierEmptyItems();
    }

    private void WriteCells(string[] cells)
    {
        if (format == OutputFormat.Csv)
            WriteCsv(cells);
        else
            AddToTable(cells);
    }

    /// <summary>
    /// Returns a cell for each column; empty for a column without a value. The columns are those of the first item. An output with a
    /// dynamic dimension can have fewer or more values for a later item. A table leaves out values without a column.
    /// </summary>
    /// <exception cref="CliException">In CSV format, a value has no column.</exception>
    private IEnumerable<string> AlignToColumns(List<(string Name, string Value)> values, string[] columns)
    {
        if (values.Select(value => value.Name).SequenceEqual(columns))
            return values.Select(value => value.Value);
        if (format == OutputFormat.Csv && values.Select(value => value.Name).Except(columns).FirstOrDefault() is { } extraColumn)
        {
            throw new CliException(
                $"Item {ItemCount} has a value for the column {ProblemText.Quote(extraColumn)}, which the first item does not have. "
                + "A CSV file has the columns of its first item. Use --format json, or name a .json file with --output.");
        }

        var cells = values.DistinctBy(value => value.Name)
            .ToDictionary(value => value.Name, value => value.Value, StringComparer.Ordinal);
        return columns.Select(column => cells.GetValueOrDefault(column, ""));
    }

    private void WriteCsv(string[] cells)
    {
        if (!_isHeaderWritten)
            WriteHeader();
        _isHeaderWritten = true;
        output.WriteLine(string.Join(',', cells.Select(QuoteCell)));
    }

    private void WriteHeader() => output.WriteLine(string.Join(',', _columnNames!.Select(QuoteCell)));

    private void AddToTable(string[] cells)
    {
        _table ??= new TextTable(_hasTask ? TableOverflow.WrapLast : TableOverflow.DropLast, _columnNames!);
        _table.Add([.. cells.Select(cell => new StyledText(cell))]);
    }

    private static string QuoteCell(string cell) =>
        cell.AsSpan().ContainsAny("\",\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;

    private void AddValues(JsonElement value, string name, List<(string Name, string Value)> values)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var element in value.EnumerateArray())
                AddValues(element, Join(name, $"{index++}"), values);
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in value.EnumerateObject())
            {
                if (_hasTask && name.Length == 0 && property.Name == TaskResponse.LabelKey && TaskResponse.IsNoPrediction(value))
                    values.Add((property.Name, TaskResponse.NoLabel));
                else
                    AddValues(property.Value, Join(name, property.Name), values);
            }
        }
        else
        {
            values.Add((name.Length == 0 ? "value" : name, value.ToString()));
        }
    }

    private static string Join(string name, string part) => name.Length == 0 ? part : $"{name}.{part}";
}
