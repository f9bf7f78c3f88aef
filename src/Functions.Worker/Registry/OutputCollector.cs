using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Functions.Worker.Registry;

/// <summary>
/// Collects the values that generated code sends to the output bindings of one invocation. A null value sends no message.
/// </summary>
public sealed class OutputCollector
{
    private readonly List<FunctionOutput> _outputs = [];

    /// <summary>The values in the order in which they were added.</summary>
    public IReadOnlyList<FunctionOutput> Outputs => _outputs;

    /// <summary>Adds one message, unless the value is null.</summary>
    /// <param name="binding">The output binding's name; <c>$return</c> for the function's return value.</param>
    public void AddText(string binding, string? value)
    {
        if (value is not null)
            _outputs.Add(new FunctionOutput(binding, value));
    }

    /// <summary>Adds one message per text. Null texts are skipped.</summary>
    public void AddTexts(string binding, IEnumerable<string?>? values)
    {
        if (values is null)
            return;

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var value in values)
            {
                if (value is not null)
                    json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }

        _outputs.Add(new FunctionOutput(binding, Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length)));
    }

    /// <summary>Adds one message, or one message per item when the JSON is an array. A null value adds no message.</summary>
    public void AddJson<T>(string binding, T? value, JsonSerializerContext context)
    {
        if (value is not null)
            _outputs.Add(new FunctionOutput(binding, JsonSerializer.Serialize(value, MessageValues.TypeInfo<T>(context))));
    }
}
