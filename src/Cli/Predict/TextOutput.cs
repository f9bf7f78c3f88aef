using System.Text.Json;
using Cli.Output;
using Inference.Models.Settings;

namespace Cli.Predict;

/// <summary>
/// Writes predictions as text. JSON and CSV are written as predictions arrive. <see cref="Dispose"/> writes a table.
/// </summary>
internal sealed class TextOutput(OutputFormat format, TextWriter output, OutputFile? file = null) : PredictionOutput(file)
{
    /// <summary>The columns of a CSV file of entities. They are used when no text has entities.</summary>
    private static readonly string[] EntityColumns = ["item", "entity_group", "score", "word", "start", "end"];

    /// <summary>Whether the rows have a column for the best label; null before the first row.</summary>
    private bool? _hasLabel;

    private TextTable? _table;
    private string[]? _columnNames;

    /// <summary>Whether predictions have rows, as those of a task have.</summary>
    private bool _isTask;

    /// <summary>Whether the labels have scores that the predictions do not have; null before the first item.</summary>
    private bool? _showsScores;
    private bool _isHeaderWritten;

    /// <summary>Whether the items are texts, so that an item without values is a text without entities.</summary>
    public bool IsText { get; init; }

    /// <summary>Writes the response to a single request. In JSON format, the server's JSON is written as it is.</summary>
    public override void WriteSingle(JsonElement response)
    {
        if (format == OutputFormat.Json)
            output.WriteLine(JsonConsole.ToText(response.WriteTo));
        else
            Write(response);
    }

    public override void Dispose()
    {
        if (IsPrinted)
            WriteItemsWithoutValues();
        _table?.Write();
        if (IsPrinted)
            output.Flush();
        base.Dispose();
    }

    protected override bool TryFinish()
    {
        WriteItemsWithoutValues();
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
        writer.WriteNumber("item"u8, Items);
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
        // The decision for the first item counts for all, because the rows have the same columns.
        _showsScores ??= rows is null && TaskResponse.HasOtherScores(prediction, labels);
        if (_showsScores == true && labels.ValueKind == JsonValueKind.Array)
            rows = [.. labels.EnumerateArray()];
        // For a task, an empty item is a text without entities. For tensors, the item has an output without values.
        if (rows is null || (rows.Count == 0 && _columnNames is not null && !_isTask))
        {
            WriteRow(prediction, labels);
            return;
        }

        // Empty first items do not show yet whether they belong to a task.
        _isTask |= rows.Count > 0;
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
            ? TaskResponse.LabelOf(labels[0])
            : null;
        _hasLabel ??= bestLabel is not null;
        string[] leadingCells = _hasLabel == true ? [$"{Items}", bestLabel ?? ""] : [$"{Items}"];
        if (_columnNames is null)
        {
            _columnNames = ["item", .. _hasLabel == true ? ["label"] : Array.Empty<string>(), .. values.Select(value => value.Name)];
            WriteRowsWithoutValues();
        }

        WriteCells([.. leadingCells, .. AlignToColumns(values, _columnNames[leadingCells.Length..])]);
    }

    /// <summary>Writes a row for each item before the first one with values, unless these items are texts without entities.</summary>
    private void WriteRowsWithoutValues()
    {
        for (var item = 0; item < Items && !_isTask; item++)
            WriteCells([$"{item}", .. Enumerable.Repeat("", _columnNames!.Length - 1)]);
    }

    /// <summary>Writes the result when no item has values: that the texts have no entities, or else a row for each item.</summary>
    private void WriteItemsWithoutValues()
    {
        if (format == OutputFormat.Json || _columnNames is not null || Items == 0)
            return;
        if (IsText && format == OutputFormat.Table)
        {
            output.WriteLine("No entities.");
            return;
        }

        _columnNames = IsText ? EntityColumns : ["item"];
        if (IsText)
            WriteHeader();
        else
            WriteRowsWithoutValues();
    }

    private void WriteCells(string[] cells)
    {
        if (format == OutputFormat.Csv)
            WriteCsv(cells);
        else
            AddToTable(cells);
    }

    /// <summary>
    /// Returns a cell for each column; empty for a column without a value. Dynamic outputs may have fewer or more values for one item than
    /// for the first. A table leaves out values without a column.
    /// </summary>
    /// <exception cref="CliException">In CSV format, a value has no column.</exception>
    private IEnumerable<string> AlignToColumns(List<(string Name, string Value)> values, string[] columns)
    {
        if (values.Select(value => value.Name).SequenceEqual(columns))
            return values.Select(value => value.Value);
        if (format == OutputFormat.Csv && values.Select(value => value.Name).Except(columns).FirstOrDefault() is { } extraColumn)
        {
            throw new CliException(
                $"Item {Items} has a value for the column {ProblemText.Quote(extraColumn)}, which the first item does not have. "
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
        output.WriteLine(string.Join(',', cells.Select(Quote)));
    }

    private void WriteHeader() => output.WriteLine(string.Join(',', _columnNames!.Select(Quote)));

    private void AddToTable(string[] cells)
    {
        _table ??= new TextTable(_isTask ? TableOverflow.WrapLast : TableOverflow.DropLast, _columnNames!);
        _table.Add([.. cells.Select(cell => new StyledText(cell))]);
    }

    private static string Quote(string cell) =>
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
                if (_isTask && name.Length == 0 && property.Name == TaskResponse.LabelKey && TaskResponse.IsNoPrediction(value))
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
