using System.Collections.Immutable;

namespace Inference.Onnx.Proof;

/// <summary>The values of a graph, by name.</summary>
/// <param name="Parent">The enclosing graph; null for the model and for functions, which see no other names.</param>
/// <param name="Name">The prefix that distinguishes its symbols from those of other graphs.</param>
internal sealed record Scope(Scope? Parent, string Name, ImmutableDictionary<string, long> Opsets)
{
    public Dictionary<string, ProofValue> Values { get; } = new(StringComparer.Ordinal);

    public ProofValue? Find(string name) => Values.TryGetValue(name, out var value) ? value : Parent?.Find(name);
}
