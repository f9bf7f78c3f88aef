using System.Collections.Immutable;
using System.Globalization;
using Inference.Onnx.Graph;

namespace Inference.Onnx.Proof;

/// <summary>
/// A node with the known facts about its inputs, as the argument of its operator's rule. A method throws a
/// <see cref="NotProvenException"/> when an input does not meet the requirements of the method.
/// </summary>
/// <param name="opset">The version of the operators of the node's domain.</param>
/// <param name="inputs">The inputs; null for an omitted input.</param>
/// <param name="scope">The graph that contains the node.</param>
internal sealed class NodeCall(OnnxNode node, long opset, ImmutableArray<ProofValue?> inputs, Scope scope, SymbolTable symbols)
{
    public OnnxNode Node => node;

    public long Opset => opset;

    public ImmutableArray<ProofValue?> Inputs => inputs;

    public Scope Scope => scope;

    public SymbolTable Symbols => symbols;

    /// <summary>
    /// Computes the outputs of a graph in an attribute of the node. The arguments are the graph and the name of the attribute.
    /// </summary>
    public required Func<OnnxGraph, string, ProofValue[]> RunBranch { get; init; }

    /// <summary>Whether all inputs are shared: see <see cref="ProofValue.IsShared"/>.</summary>
    public bool IsShared => inputs.All(static input => input is null || input.IsShared);

    /// <summary>Whether an input is present. Optional inputs may be omitted.</summary>
    public bool Has(int index) => index < inputs.Length && inputs[index] is not null;

    /// <summary>Returns an input that may have items, but whose elements must not depend on the number of items.</summary>
    public ProofValue Data(int index)
    {
        var value = GetRequired(index);
        return value.CountsItems ? throw new NotProvenException("its result depends on the number of items") : value;
    }

    /// <inheritdoc cref="Data"/>
    public ProofValue? OptionalData(int index) => Has(index) ? Data(index) : null;

    /// <summary>Returns an input that must be the same for all items.</summary>
    public ProofValue Shared(int index) => GetRequired(index) is { IsShared: true } value
        ? value
        : throw new NotProvenException(string.Create(CultureInfo.InvariantCulture, $"its input {index} differs from item to item"));

    /// <summary>Returns all inputs that are present.</summary>
    public List<ProofValue> GetAllData() => [.. Enumerable.Range(0, inputs.Length).Where(Has).Select(Data)];

    /// <summary>
    /// Returns the elements of an integer input of rank 0 or 1. The elements may be multiples of the number of items. Unknown elements of a
    /// short shared input become symbols.
    /// </summary>
    public ImmutableArray<Extent> Integers(int index)
    {
        var value = GetRequired(index);
        if (value.Elements is { } elements && value.Rank <= 1)
            return elements;
        if (value is { IsShared: true, Dimensions: [{ IsConstant: true, Factor: >= 0 and <= 64 } length] })
            return [.. Enumerable.Range(0, (int)length.Factor).Select(i => Symbols.GetValue($"{scope.Name}{node.Inputs[index]}[{i}]"))];
        throw new NotProvenException(string.Create(CultureInfo.InvariantCulture, $"its input {index} is not known without a run"));
    }

    /// <summary>Returns the elements of an integer input, which must be constants.</summary>
    public ImmutableArray<long> Constants(int index)
    {
        var elements = Integers(index);
        return elements.All(static element => element.IsConstant)
            ? [.. elements.Select(static element => element.Factor)]
            : throw new NotProvenException(string.Create(CultureInfo.InvariantCulture, $"its input {index} is not a constant"));
    }

    /// <summary>
    /// Returns integers that are an attribute in older versions of an operator and an input in newer versions; null when both are missing.
    /// </summary>
    public ImmutableArray<long>? AttributeOrInput(string name, int input) =>
        Has(input) ? Constants(input) : Attribute(name) is { } attribute ? attribute.Integers : null;

    /// <summary>Returns an attribute; null when the node does not have it.</summary>
    public OnnxAttribute? Attribute(string name) => node.Attributes.GetValueOrDefault(name);

    /// <summary>Returns an integer attribute, or the default of the operator.</summary>
    public long Integer(string name, long defaultValue) => Attribute(name)?.Integer ?? defaultValue;

    /// <summary>Returns an attribute with a list of integers; empty when it is missing.</summary>
    public ImmutableArray<long> IntegerList(string name) => Attribute(name)?.Integers ?? [];

    /// <summary>Returns an attribute with a list of integers; the default when it is missing or empty.</summary>
    public ImmutableArray<long> IntegerList(string name, ImmutableArray<long> defaultValue) =>
        IntegerList(name) is { IsEmpty: false } list ? list : defaultValue;

    /// <summary>
    /// Returns a text attribute, or the default of the operator. Throws for a long text, because the reader skips long texts.
    /// </summary>
    public string Text(string name, string defaultValue) => Attribute(name) is { } attribute
        ? attribute.Text ?? throw new NotProvenException($"its attribute {name} is not known")
        : defaultValue;

    /// <summary>Returns the symbol of an unknown size that this node determines.</summary>
    /// <param name="suffix">Distinguishes the sizes that one node determines.</param>
    public Extent NewSize(string suffix) => Symbols.GetSize($"{scope.Name}{node.Outputs[0]}.{suffix}");

    /// <summary>Converts an axis, which may be negative, to its position from the front.</summary>
    public static int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw new NotProvenException($"its axis {axis} is outside the rank {rank} of its input");

    private ProofValue GetRequired(int index) => Has(index)
        ? inputs[index]!
        : throw new NotProvenException(string.Create(CultureInfo.InvariantCulture, $"its input {index} is missing"));
}
