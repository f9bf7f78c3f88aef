using System.Collections.Immutable;

namespace Inference.Onnx.Proof;

/// <summary>The values of a graph by their names.</summary>
/// <param name="Parent">The graph around it; null for the model and for functions, which see no names of others.</param>
/// <param name="Name">Tells its symbols from those of others.</param>
internal sealed record Scope(Scope? Parent, string Name, ImmutableDictionary<string, long> Opsets)
{
    public Dictionary<string, ProofValue> Values { get; } = new(StringComparer.Ordinal);

    public ProofValue? Find(string name) => Values.TryGetValue(name, out var value) ? value : Parent?.Find(name);
}
