namespace Functions.Worker.Generators.Emit;

/// <summary>Namespaces and types as they appear in emitted code.</summary>
internal static class Names
{
    public const string Registry = "global::Functions.Worker.Registry";
    public const string FunctionContext = $"global::{TypeNames.FunctionContext}";
    public const string ValueTaskOfResult = $"{ValueTask}<global::{TypeNames.Result}>";
    public const string ValueTaskOfOutputs = $"{ValueTask}<global::System.Collections.Generic.IReadOnlyList<{Registry}.FunctionOutput>>";
    public const string NoOutputs = $"global::System.Array.Empty<{Registry}.FunctionOutput>()";

    private const string ValueTask = $"global::{TypeNames.ValueTask}";
}
