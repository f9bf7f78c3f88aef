using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// Lets requests whose items differ in length share a batch. Their inputs are padded to the longest, and each request receives the outputs
/// of its own length. Only dynamic dimensions are padded, of inputs whose settings name a fill value.
/// </summary>
internal sealed class Padding
{
    private readonly ModelSignature _signature;

    /// <summary>The bytes of one fill element per input; empty for an input that is not padded.</summary>
    private readonly ImmutableArray<byte[]> _fills;

    /// <summary>The session whose verdict decides whether inputs may be padded; null where the model's settings declare it.</summary>
    private readonly IModelSession? _examined;

    private Padding(ModelSignature signature, ImmutableArray<byte[]> fills, IModelSession? examined) =>
        (_signature, _fills, _examined) = (signature, fills, examined);

    private bool IsAllowed => _examined is not { BatchVerdict.AllowsPadding: false };

    /// <summary>
    /// Creates the padding of a model. Null when the settings have no padding, the model does not allow it, or requests may not share runs.
    /// </summary>
    /// <param name="session">
    /// The session whose verdict decides where the settings leave it to the server. Before the verdict, nothing is padded.
    /// </param>
    public static Padding? Create(BatchingSettings settings, ModelSignature signature, IModelSession? session = null)
    {
        if (settings.Padding.IsEmpty || settings.Contract == ContractChoice.None || signature.ItemAxis != ItemAxis.Dynamic
            || PaddingCheck.Find(settings, signature).Any())
        {
            return null;
        }

        ImmutableArray<byte[]> fills = [.. signature.Inputs.Select(input =>
            settings.Padding.TryGetValue(input.Name, out var value) ? FillValue.Encode(input.Type, value)! : [])];
        return new Padding(signature, fills, settings.Contract == ContractChoice.Proven ? session : null);
    }

    /// <summary>
    /// Throws if padded dimensions of one name differ in size. The lengths of a request's outputs are found by the names of padded
    /// dimensions.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: two such dimensions differ.</exception>
    public void ThrowIfUneven(Tensor[] inputs)
    {
        if (IsAllowed && SharedDimensions.DescribeDifference(_signature, inputs, IsOpen) is { } difference)
            throw InferenceException.InvalidRequest(difference);
    }

    /// <summary>Whether two shapes of an input differ only in dimensions that may be padded.</summary>
    public bool Evens(int input, Shape left, Shape right)
    {
        if (!IsAllowed)
            return false;
        for (var axis = 1; axis < left.Rank; axis++)
        {
            if (left[axis] != right[axis] && !IsOpen(input, axis))
                return false;
        }

        return true;
    }

    /// <summary>Joins the rows of all parts into one tensor, padded to the longest. The caller disposes the tensor.</summary>
    public Tensor Join(int input, IReadOnlyList<Tensor> parts) => TensorBox.Join(parts, _fills[input]);

    /// <summary>Copies a request's own rows of an output, without the elements that come from padding.</summary>
    /// <param name="inputs">The inputs of the request.</param>
    public Tensor Crop(int output, Tensor rows, Tensor[] inputs)
    {
        var dimensions = rows.Shape.Dimensions.ToArray();
        for (var axis = 1; axis < dimensions.Length; axis++)
            dimensions[axis] = Math.Min(dimensions[axis], LengthOf(output, axis, inputs) ?? dimensions[axis]);
        var shape = new Shape(dimensions);
        if (shape == rows.Shape)
            return Tensor.Concatenate([rows]);
        return TensorBox.Cut(rows, shape);
    }

    private bool IsOpen(int input, int axis) => _fills[input].Length > 0 && _signature.Inputs[input].Shape[axis] == Shape.Dynamic;

    /// <summary>Returns the size of an output's dimension in the request's inputs, by its name; null if they do not define it.</summary>
    private long? LengthOf(int output, int axis, Tensor[] inputs)
    {
        var spec = _signature.Outputs[output];
        if (spec.Shape[axis] != Shape.Dynamic)
            return null;
        for (var input = 0; input < inputs.Length; input++)
        {
            var place = _signature.Inputs[input].Symbols.IndexOf(spec.Symbols[axis]);
            if (place > 0 && IsOpen(input, place))
                return inputs[input].Shape[place];
        }

        return null;
    }
}
