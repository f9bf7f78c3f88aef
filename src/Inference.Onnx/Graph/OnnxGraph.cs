using System.Collections.Immutable;

namespace Inference.Onnx.Graph;

/// <summary>The parts of an ONNX file that say what it computes. Weights are left in the file.</summary>
/// <param name="Opsets">The version of the operators of each domain; the domain of ONNX itself is the empty string.</param>
/// <param name="Functions">Operators that the model defines itself, by domain and name.</param>
internal sealed record OnnxModel(
    OnnxGraph Graph,
    ImmutableDictionary<string, long> Opsets,
    ImmutableDictionary<(string Domain, string Name), OnnxFunction> Functions)
{
    /// <summary>The files beside the model that hold weights, as the model names them.</summary>
    public required ImmutableSortedSet<string> ExternalFiles { get; init; }

    /// <summary>Bytes of the weights by their element type (<c>TensorProto.DataType</c>), wherever they lie.</summary>
    public required ImmutableDictionary<int, long> WeightBytes { get; init; }
}

/// <summary>A graph: of the model, or of an attribute of a node such as a branch of <c>If</c>.</summary>
internal sealed record OnnxGraph(
    ImmutableArray<OnnxNode> Nodes,
    ImmutableDictionary<string, OnnxTensor> Initializers,
    ImmutableArray<OnnxValueInfo> Inputs,
    ImmutableArray<OnnxValueInfo> Outputs);

/// <summary>An operator that a model defines by nodes (<c>FunctionProto</c>).</summary>
internal sealed record OnnxFunction(
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Outputs,
    ImmutableArray<OnnxNode> Nodes,
    ImmutableDictionary<string, long> Opsets,
    ImmutableDictionary<string, OnnxAttribute> Defaults);

/// <summary>A node. An empty name among the inputs or outputs stands for one that is left out.</summary>
internal sealed record OnnxNode(
    string Name,
    string Domain,
    string Operator,
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Outputs,
    ImmutableDictionary<string, OnnxAttribute> Attributes)
{
    /// <summary>The node as messages name it; many exporters give no names.</summary>
    public string Description => Name.Length > 0
        ? $"{FullOperator} \"{Quote.Of(Name)}\""
        : $"{FullOperator} that makes \"{Quote.Of(Outputs.FirstOrDefault(output => output.Length > 0) ?? "")}\"";

    /// <summary>The operator with its domain before it, unless that is ONNX itself.</summary>
    public string FullOperator => Domain.Length > 0 ? $"{Quote.Of(Domain)}.{Quote.Of(Operator)}" : Quote.Of(Operator);
}

/// <summary>
/// An attribute of a node, with the one value that it has. Of a list there are at most <see cref="OnnxTensorReader.MaxElements"/> elements;
/// longer ones are tables, as of tree ensembles, which nobody reads.
/// </summary>
/// <param name="Reference">The attribute of the enclosing function that has the value; null for a value of its own.</param>
internal sealed record OnnxAttribute(string Name, string? Reference)
{
    public long? Integer { get; init; }

    public float? Float { get; init; }

    /// <summary>Null also for a long text.</summary>
    public string? Text { get; init; }

    public ImmutableArray<long> Integers { get; init; } = [];

    public ImmutableArray<float> Floats { get; init; } = [];

    public OnnxTensor? Tensor { get; init; }

    public OnnxGraph? Graph { get; init; }
}

/// <summary>A constant.</summary>
/// <param name="Type"><c>TensorProto.DataType</c>.</param>
/// <param name="Integers">The elements of a short tensor of integers or booleans; null for others.</param>
/// <param name="Floats">The elements of a short tensor of 32-bit floats; null for others.</param>
internal sealed record OnnxTensor(
    string Name, int Type, ImmutableArray<long> Dimensions, ImmutableArray<long>? Integers, ImmutableArray<float>? Floats);

/// <summary>An input or output of a graph.</summary>
/// <param name="Type"><c>TensorProto.DataType</c>; null for a value that is not a tensor.</param>
/// <param name="Dimensions">Null for a tensor without a declared shape, which may have any.</param>
internal sealed record OnnxValueInfo(string Name, int? Type, ImmutableArray<OnnxDimension>? Dimensions);

/// <summary>A dimension: a size, a name, or neither.</summary>
/// <param name="Size">Null for a dynamic dimension.</param>
internal readonly record struct OnnxDimension(long? Size, string? Symbol);
