using System.Collections.Immutable;

namespace Inference.Onnx.Graph;

/// <summary>The parts of an ONNX file that define its computation. Weights stay in the file.</summary>
/// <param name="Opsets">For each domain, the version of its operators. The name of ONNX's own domain is empty.</param>
/// <param name="Functions">The operators that the model itself defines, by their domains and names.</param>
internal sealed record OnnxModel(
    OnnxGraph Graph,
    ImmutableDictionary<string, long> Opsets,
    ImmutableDictionary<(string Domain, string Name), OnnxFunction> Functions)
{
    /// <summary>The element types of the weights (<c>TensorProto.DataType</c>).</summary>
    public required ImmutableHashSet<int> WeightTypes { get; init; }
}

/// <summary>A graph: the graph of the model, or a graph in an attribute of a node, such as a branch of <c>If</c>.</summary>
internal sealed record OnnxGraph(
    ImmutableArray<OnnxNode> Nodes,
    ImmutableDictionary<string, OnnxTensor> Initializers,
    ImmutableArray<OnnxValueInfo> Inputs,
    ImmutableArray<OnnxValueInfo> Outputs);

/// <summary>An operator that a model defines with nodes (<c>FunctionProto</c>).</summary>
internal sealed record OnnxFunction(
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Outputs,
    ImmutableArray<OnnxNode> Nodes,
    ImmutableDictionary<string, long> Opsets,
    ImmutableDictionary<string, OnnxAttribute> Defaults);

/// <summary>A node. An empty name in the inputs or outputs means that the input or output is omitted.</summary>
internal sealed record OnnxNode(
    string Name,
    string Domain,
    string Operator,
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Outputs,
    ImmutableDictionary<string, OnnxAttribute> Attributes)
{
    /// <summary>
    /// The description of the node in messages. Many exporters omit names, so an output identifies a node without a name.
    /// </summary>
    public string Description => Name.Length > 0
        ? $"{FullOperator} \"{Quote.Shorten(Name)}\""
        : $"{FullOperator} that computes \"{Quote.Shorten(Outputs.FirstOrDefault(output => output.Length > 0) ?? "")}\"";

    /// <summary>The operator with its domain, or without a domain if it is an operator of ONNX.</summary>
    public string FullOperator => Domain.Length > 0 ? $"{Quote.Shorten(Domain)}.{Quote.Shorten(Operator)}" : Quote.Shorten(Operator);
}

/// <summary>
/// An attribute of a node. Only one of its values is set. A list has at most <see cref="OnnxTensorReader.MaxElements"/> elements: a longer
/// list is cut off. Only tables, such as those of tree ensembles, are longer. No rule of the batch proof reads such tables.
/// </summary>
/// <param name="Reference">
/// The name of the enclosing function's attribute that supplies the value; null for an attribute with its own value.
/// </param>
internal sealed record OnnxAttribute(string Name, string? Reference)
{
    public long? Integer { get; init; }

    /// <summary>The text; null if there is no text, or if the text is long.</summary>
    public string? Text { get; init; }

    public ImmutableArray<long> Integers { get; init; } = [];

    public ImmutableArray<float> Floats { get; init; } = [];

    public OnnxTensor? Tensor { get; init; }

    public OnnxGraph? Graph { get; init; }
}

/// <summary>A tensor with constant elements, such as a weight or a list of axes.</summary>
/// <param name="Integers">
/// The elements of a short tensor of 32-bit or 64-bit integers or booleans; null for any other tensor, and for elements in another file.
/// </param>
/// <param name="Floats">
/// The elements of a short tensor of 32-bit floats; null for any other tensor, and for elements in another file.
/// </param>
internal sealed record OnnxTensor(
    string Name, ImmutableArray<long> Dimensions, ImmutableArray<long>? Integers, ImmutableArray<float>? Floats);

/// <summary>An input or output of a graph.</summary>
/// <param name="Dimensions">The dimensions; null for a tensor without a declared shape, which may have any shape.</param>
internal sealed record OnnxValueInfo(string Name, ImmutableArray<OnnxDimension>? Dimensions);

/// <summary>A dimension: a size, a name, or neither.</summary>
/// <param name="Size">The size; null for a dynamic dimension.</param>
/// <param name="Symbol">The name of a dynamic dimension; null when it has none.</param>
internal sealed record OnnxDimension(long? Size, string? Symbol);
