using System.Text.Json;
using Cli.Output;

namespace Cli.Predict;

/// <summary>Writes predictions as text. JSON and CSV are written as predictions arrive; a table is written at disposal.</summary>
internal sealed class TextOutput(OutputFormat format, TextWriter output, OutputFile? file = null) : PredictionOutput(file)
{
    /// <summary>The maximum number of values in a row of a table, because longer rows are hard to read.</summary>
    private const int MaxShown = 8;

    private TextTable? _table;
    private string[]? _names;
    private bool _isTask;

    /// <summary>Whether the labels have scores that the predictions do not have; null before the first item.</summary>
    private bool? _showsScores;
    private bool _hasHeader;

    /// <summary>Writes the response to a single request. In JSON format, the server's JSON is written as it is.</summary>
    public override void WriteSingle(JsonElement answer)
    {
        if (format == OutputFormat.Json)
            output.WriteLine(JsonConsole.ToText(answer.WriteTo));
        else
            Write(answer);
    }

    public override void Dispose()
    {
        _table?.Write();
        if (IsPrinted)
            output.Flush();
        base.Dispose();
    }

    protected override bool TryFinish()
    {
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
        if (rows is null)
        {
            WriteRow(prediction, labels);
            return;
        }

        _isTask = true;
        foreach (var row in rows)
            WriteRow(row, labels: default);
    }

    private void WriteRow(JsonElement prediction, JsonElement labels)
    {
        var values = new List<(string Name, string Value)>();
        Flatten(prediction, "", values);
        if (format == OutputFormat.Table && values.Count > MaxShown)
            values = [.. values.Take(MaxShown), (TextTable.More, "")];
        var best = labels.ValueKind == JsonValueKind.Array && labels.GetArrayLength() > 0
            ? TaskResponse.LabelOf(labels[0])
            : null;
        _names ??= ["item", .. best is null ? Array.Empty<string>() : ["label"], .. values.Select(value => value.Name)];
        string[] cells = [$"{Items}", .. best is null ? Array.Empty<string>() : [best], .. values.Select(value => value.Value)];
        if (format == OutputFormat.Csv)
            WriteCsv(cells);
        else
            AddToTable(cells);
    }

    private void WriteCsv(string[] cells)
    {
        if (!_hasHeader)
            output.WriteLine(string.Join(',', _names!.Select(Quote)));
        _hasHeader = true;
        output.WriteLine(string.Join(',', cells.Select(Quote)));
    }

    private void AddToTable(string[] cells)
    {
        _table ??= new TextTable(_isTask ? TableOverflow.WrapLast : TableOverflow.DropLast, _names!);
        // The first item decides the number of columns. A dynamic output can have more or fewer values for another item.
        Array.Resize(ref cells, _names!.Length);
        _table.Add([.. cells.Select(cell => new StyledText(cell ?? ""))]);
    }

    private static string Quote(string cell) =>
        cell.AsSpan().ContainsAny("\",\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;

    private static void Flatten(JsonElement value, string name, List<(string Name, string Value)> values)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var element in value.EnumerateArray())
                Flatten(element, Join(name, $"{index++}"), values);
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in value.EnumerateObject())
            {
                if (name.Length == 0 && property.Name == TaskResponse.LabelKey && TaskResponse.IsNoPrediction(value))
                    values.Add((property.Name, TaskResponse.NoLabel));
                else
                    Flatten(property.Value, Join(name, property.Name), values);
            }
        }
        else
        {
            values.Add((name.Length == 0 ? "value" : name, value.ToString()));
        }
    }

    private static string Join(string name, string part) => name.Length == 0 ? part : $"{name}.{part}";
}
