using System.Collections.Immutable;

namespace Inference.Onnx.Proof;

/// <summary>The values of a graph, by name.</summary>
/// <param name="Parent">The enclosing graph; null for the main graph and for functions, which cannot use names of other graphs.</param>
/// <param name="Name">The prefix that distinguishes the symbols of this graph from symbols of other graphs.</param>
/// <param name="Opsets">For each domain, the version of its operators. The name of ONNX's own domain is empty.</param>
internal sealed record Scope(Scope? Parent, string Name, ImmutableDictionary<string, long> Opsets)
{
    /// <summary>The values of this graph, without the values of enclosing graphs.</summary>
    public Dictionary<string, ProofValue> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>Finds a value in this graph or in an enclosing graph; returns null when no node has created the value yet.</summary>
    public ProofValue? Find(string name) => Values.TryGetValue(name, out var value) ? value : Parent?.Find(name);
}
