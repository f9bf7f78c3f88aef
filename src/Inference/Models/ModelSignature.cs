using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>How a request's items lie in a model's tensors.</summary>
public enum BatchAxis
{
    /// <summary>The first dimensions do not agree: a request is one run of the model, whatever its tensors hold.</summary>
    None,

    /// <summary>Every tensor holds exactly one item in its first dimension: several items are several runs.</summary>
    One,

    /// <summary>The first dimension of every tensor counts items, as many as wanted.</summary>
    Dynamic,
}

/// <summary>The inputs and outputs of a model, in its own order.</summary>
public sealed class ModelSignature
{
    public ModelSignature(ImmutableArray<TensorSpec> inputs, ImmutableArray<TensorSpec> outputs)
    {
        Inputs = inputs;
        Outputs = outputs;
        Batch = FindBatchAxis();
        AllOutputs = [.. Enumerable.Range(0, outputs.Length)];
    }

    public ImmutableArray<TensorSpec> Inputs { get; }

    public ImmutableArray<TensorSpec> Outputs { get; }

    public BatchAxis Batch { get; }

    /// <summary>The positions of all outputs, which most requests want; not to be written to.</summary>
    internal int[] AllOutputs { get; }

    /// <summary>The position of an input, or -1.</summary>
    public int IndexOfInput(string name) => IndexOf(Inputs, name);

    /// <summary>The position of an output, or -1.</summary>
    public int IndexOfOutput(string name) => IndexOf(Outputs, name);

    /// <summary>Whether a request that one of them takes is taken by the other, and answered in the same form.</summary>
    public bool Matches(ModelSignature other) =>
        Batch == other.Batch && Inputs.SequenceEqual(other.Inputs, SameForm.Instance) && Outputs.SequenceEqual(other.Outputs, SameForm.Instance);

    private static int IndexOf(ImmutableArray<TensorSpec> specs, string name)
    {
        for (var i = 0; i < specs.Length; i++)
        {
            if (specs[i].Name == name)
                return i;
        }

        return -1;
    }

    /// <summary>
    /// A first dimension is a batch only when every input and output has it and nothing in their names speaks against it:
    /// a wrong guess would split what belongs together, while missing a batch only costs speed.
    /// </summary>
    private BatchAxis FindBatchAxis()
    {
        string? symbol = null;
        var (one, dynamic) = (true, true);
        foreach (var spec in Inputs.Concat(Outputs))
        {
            if (spec.Shape.Rank == 0)
                return BatchAxis.None;
            one &= spec.Shape[0] == 1;
            dynamic &= spec.Shape[0] == Shape.Dynamic && (symbol ??= spec.Symbols[0]) == spec.Symbols[0];
        }

        return Inputs.IsEmpty ? BatchAxis.None : one ? BatchAxis.One : dynamic ? BatchAxis.Dynamic : BatchAxis.None;
    }

    /// <summary>Names of dimensions are an exporter's choice.</summary>
    private sealed class SameForm : IEqualityComparer<TensorSpec>
    {
        public static readonly SameForm Instance = new();

        public bool Equals(TensorSpec? x, TensorSpec? y) => (x?.Name, x?.Type, x?.Shape) == (y?.Name, y?.Type, y?.Shape);

        public int GetHashCode(TensorSpec spec) => spec.Name.GetHashCode(StringComparison.Ordinal);
    }
}
