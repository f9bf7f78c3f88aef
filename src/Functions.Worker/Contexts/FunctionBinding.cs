using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Contexts;

/// <summary>A binding of a function: its name, its type, and its direction.</summary>
internal sealed class FunctionBinding(string name, string type, BindingDirection direction) : BindingMetadata
{
    public override string Name => name;

    public override string Type => type;

    public override BindingDirection Direction => direction;

    /// <summary>Reads bindings from the JSON that the Functions host receives, and keeps the bindings of one direction.</summary>
    public static ImmutableDictionary<string, BindingMetadata> Read(IEnumerable<string> rawBindings, BindingDirection direction) =>
        rawBindings.Select(Read).Where(binding => binding.Direction == direction).ToImmutableDictionary(binding => binding.Name);

    private static BindingMetadata Read(string rawBinding)
    {
        using var json = JsonDocument.Parse(rawBinding);
        var binding = json.RootElement;
        var direction = binding.GetProperty("direction"u8).ValueEquals("Out"u8) ? BindingDirection.Out : BindingDirection.In;
        return new FunctionBinding(binding.GetProperty("name"u8).GetString()!, binding.GetProperty("type"u8).GetString()!, direction);
    }
}
