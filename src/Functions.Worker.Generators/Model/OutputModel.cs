namespace Functions.Worker.Generators.Model;

/// <summary>
/// An output binding. <c>Property</c> is the property of the result that contains the value; null when the result itself is the value.
/// <c>Type</c> is the type of the value.
/// </summary>
internal sealed record OutputModel(string Binding, QueueModel Queue, string? Property, OutputForm Form, string Type);
