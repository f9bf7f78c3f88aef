using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>
/// The position of a request's items in a model's tensors. An item is one unit of the inputs, such as a text, an image or a row of a table.
/// The position decides the form of requests and responses: one item or several, and labels and classes for each item. The position alone
/// does not permit shared runs: the batch contract decides whether requests may share runs.
/// </summary>
public enum ItemAxis
{
    /// <summary>The tensors have no common first dimension for items, so a request is one item.</summary>
    None,

    /// <summary>The first dimension of every tensor is 1, so each item of a request is a run of its own.</summary>
    Single,

    /// <summary>The first dimension of every tensor is dynamic and counts items.</summary>
    Dynamic,
}

/// <summary>The inputs and outputs of a model, in the model's order.</summary>
public sealed class ModelSignature
{
    public ModelSignature(ImmutableArray<TensorSpec> inputs, ImmutableArray<TensorSpec> outputs)
    {
        Inputs = inputs;
        Outputs = outputs;
        ItemAxis = FindItemAxis();
        ItemPartners = [.. Enumerable.Range(0, inputs.Length).Select(FindItemPartner)];
        AllOutputs = [.. Enumerable.Range(0, outputs.Length)];
        HasParts = outputs.Any(static output => output.Part is not null);
    }

    public ImmutableArray<TensorSpec> Inputs { get; }

    public ImmutableArray<TensorSpec> Outputs { get; }

    /// <summary>The position of a request's items in the tensors.</summary>
    public ItemAxis ItemAxis { get; }

    /// <summary>
    /// For each input, the position of an earlier input whose first dimension counts the same items; -1 when none is known. A request must
    /// have equally many items in both inputs. Otherwise the model might broadcast the only item of one input to all items of the other
    /// input.
    /// </summary>
    internal ImmutableArray<int> ItemPartners { get; }

    /// <summary>Whether any output is a part of a map or list that the model returns.</summary>
    public bool HasParts { get; }

    /// <summary>Why inputs with a dimension of size 0 are refused, as a sentence; null when they are accepted.</summary>
    public string? ZeroSizeObstacle { get; init; } = "The operators of the model are not known.";

    /// <summary>The names of inputs that the model initializes itself. A request must not contain these inputs.</summary>
    public ImmutableArray<string> Initializers { get; init; } = [];

    /// <summary>The positions of all outputs, for requests that do not name outputs. The array must not be modified.</summary>
    internal int[] AllOutputs { get; }

    /// <summary>Returns the position of an input, or -1.</summary>
    public int IndexOfInput(string name) => IndexOf(Inputs, name);

    /// <summary>Returns the position of an output, or -1.</summary>
    public int IndexOfOutput(string name) => IndexOf(Outputs, name);

    /// <summary>
    /// Returns the part of a model's output that the tensor with this name contains; null for an output that is a tensor.
    /// </summary>
    public OutputPart? FindPart(string output) => HasParts && IndexOfOutput(output) is >= 0 and var index ? Outputs[index].Part : null;

    /// <summary>Creates the error for a request with an input that the model does not have.</summary>
    /// <param name="path">The path of the name in the request.</param>
    public InferenceException CreateUnknownInputError(string name, string path) => InferenceException.InvalidRequest(
        Initializers.Contains(name)
            ? $"{path}: \"{Quote.Shorten(name)}\" is an initializer of the model: the model contains its value, and a request cannot "
                + $"change the value. Remove \"{Quote.Shorten(name)}\" from the request, or export the model with an input in its place."
            : $"{path}: the model has no input \"{Quote.Shorten(name)}\"; {DescribeInputs()}.",
        ErrorReason.InvalidName);

    private string DescribeInputs() => Inputs.IsEmpty
        ? "it has no inputs"
        : $"its inputs are {string.Join(", ", Inputs.Select(input => $"\"{input.Name}\""))}";

    /// <summary>Creates the error for a request whose inputs have different numbers of items.</summary>
    /// <param name="inputs">The inputs in the signature's order.</param>
    /// <param name="first">The position of the first input of the message.</param>
    /// <param name="second">The position of the second input of the message.</param>
    internal InferenceException CreateUnequalItemsError(Tensor[] inputs, int first, int second)
    {
        return InferenceException.InvalidRequest(
            $"Input {Describe(first)} and input {Describe(second)}: the first dimension of every input must be the number of items. "
            + "Send equally many items for both.",
            ErrorReason.InvalidShape);

        string Describe(int input) =>
            $"\"{Inputs[input].Name}\" "
            + $"has {Counted.Text(inputs[input].Shape[0], "item")} (shape {inputs[input].Shape})";
    }

    /// <summary>Whether both signatures accept the same requests, and return responses of the same form.</summary>
    public bool Matches(ModelSignature other) =>
        ItemAxis == other.ItemAxis && Inputs.SequenceEqual(other.Inputs, FormComparer.Instance)
            && Outputs.SequenceEqual(other.Outputs, FormComparer.Instance);

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
    /// Finds the axis by sizes alone. Exporters name one dimension differently in each tensor (tf2onnx: <c>unk__314</c> and
    /// <c>unk__315</c>), or give two dimensions the same name, so names prove nothing.
    /// </summary>
    private ItemAxis FindItemAxis()
    {
        var (single, dynamic) = (!Inputs.IsEmpty, !Inputs.IsEmpty);
        foreach (var spec in Inputs.Concat(Outputs))
        {
            var hasItems = spec.Shape.Rank > 0 && spec.Part?.HasItems is not false;
            single &= hasItems && spec.Shape[0] == 1;
            dynamic &= hasItems && spec.Shape[0] == Shape.Dynamic;
        }

        return single ? ItemAxis.Single : dynamic ? ItemAxis.Dynamic : ItemAxis.None;
    }

    /// <summary>
    /// Finds an earlier input with the same items. Columns have one row per item, whatever the names of their dimensions are. The first
    /// dimensions of other inputs can differ in size even if they have the same name. A model may broadcast one row, or compare each of its
    /// images with each of its texts. ONNX Runtime then decides whether the sizes fit.
    /// </summary>
    private int FindItemPartner(int input)
    {
        for (var earlier = 0; earlier < input; earlier++)
        {
            var (a, b) = (Inputs[earlier], Inputs[input]);
            if (ItemAxis == ItemAxis.Single || (a.IsColumn && b.IsColumn && a.Shape[0] == Shape.Dynamic && b.Shape[0] == Shape.Dynamic))
                return earlier;
        }

        return -1;
    }

    /// <summary>Compares declarations of tensors without the names of their dimensions, because exporters choose these names.</summary>
    private sealed class FormComparer : IEqualityComparer<TensorSpec>
    {
        public static readonly FormComparer Instance = new();

        public bool Equals(TensorSpec? x, TensorSpec? y) =>
            (x?.Name, x?.Type, x?.Shape, x?.AcceptsAnyShape) == (y?.Name, y?.Type, y?.Shape, y?.AcceptsAnyShape);

        public int GetHashCode(TensorSpec spec) => spec.Name.GetHashCode(StringComparison.Ordinal);
    }
}
