using System.Text.Json;
using Azure.Storage.Queues;
using Functions.Worker.Registry;

namespace Functions.Worker.Standalone.Queues;

/// <summary>Sends the values of a function's output bindings.</summary>
internal sealed class OutputQueues(IReadOnlyDictionary<string, TargetQueue> queues, QueueMessageEncoding encoding)
{
    public async Task SendAsync(IReadOnlyList<FunctionOutput> outputs, CancellationToken cancellationToken)
    {
        foreach (var output in outputs)
        {
            var queue = queues.TryGetValue(output.Binding, out var found)
                ? found
                : throw new InvalidOperationException($"The function has no output '{output.Binding}'. This is a bug.");
            foreach (var message in Split(output.Value))
                await queue.SendAsync(MessageText.Encode(message, encoding), cancellationToken);
        }
    }

    /// <summary>
    /// Splits a value as a Functions host does: a JSON array becomes one message per item, and a string item is sent without quotes. Any
    /// other value is one message.
    /// </summary>
    internal static IReadOnlyList<string> Split(string value)
    {
        if (value.AsSpan().TrimStart() is not ['[', ..])
            return [value];

        try
        {
            using var json = JsonDocument.Parse(value);
            return [.. json.RootElement.EnumerateArray()
                .Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText())];
        }
        catch (JsonException)
        {
            // The text begins like an array but is not valid JSON.
            return [value];
        }
    }
}
