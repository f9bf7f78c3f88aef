using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Registry;

/// <summary>Calls a function with a message.</summary>
/// <returns>The values for the output bindings; empty when there are none.</returns>
public delegate ValueTask<IReadOnlyList<FunctionOutput>> MessageFunction(TriggerMessage message, FunctionContext context);

/// <summary>A message for a function.</summary>
/// <param name="Body">The content of the message; text is UTF-8.</param>
/// <param name="Metadata">The metadata of the message by name, such as Id and DequeueCount. Each value is JSON or text.</param>
public readonly record struct TriggerMessage(ReadOnlyMemory<byte> Body, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A value for an output binding.</summary>
/// <param name="Binding">The output binding's name; <c>$return</c> for the function's return value.</param>
/// <param name="Value">Text or JSON. A JSON array becomes one message per item.</param>
public readonly record struct FunctionOutput(string Binding, string Value);
