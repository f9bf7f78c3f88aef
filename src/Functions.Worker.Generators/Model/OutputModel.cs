namespace Functions.Worker.Generators.Model;

/// <summary>
/// An output binding. <c>Property</c> is the property of the result that feeds it, null for the result itself; <c>Type</c> is the
/// value's.
/// </summary>
internal sealed record OutputModel(string Binding, QueueModel Queue, string? Property, OutputForm Form, string Type);
