using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Registry;

/// <summary>Calls a function with a message.</summary>
/// <returns>The values for the output bindings; empty without output bindings or values.</returns>
public delegate ValueTask<IReadOnlyList<FunctionOutput>> MessageFunction(TriggerMessage message, FunctionContext context);

/// <param name="Body">The message; text is UTF-8.</param>
/// <param name="Metadata">The metadata that the host sends with the message, such as Id and DequeueCount, each as JSON or text.</param>
public readonly record struct TriggerMessage(ReadOnlyMemory<byte> Body, IReadOnlyDictionary<string, string> Metadata);

/// <param name="Binding">The output binding's name; <c>$return</c> for what the function returns.</param>
/// <param name="Value">Text, or JSON; the host splits a JSON array into several messages.</param>
public readonly record struct FunctionOutput(string Binding, string Value);
