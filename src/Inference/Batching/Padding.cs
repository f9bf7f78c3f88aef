using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// Lets requests whose items differ in length share a batch. Their inputs are padded to the longest item. Each request receives only the
/// part of the outputs that belongs to its own length. Only dynamic dimensions are padded. An input is padded only if the settings specify
/// its fill value, or if a token model with an attention mask has this input.
/// </summary>
internal sealed class Padding
{
    private readonly ModelSignature _signature;

    /// <summary>The bytes of one fill element per input; empty for an input that is not padded.</summary>
    private readonly ImmutableArray<byte[]> _fills;

    /// <summary>
    /// The session whose <see cref="IModelSession.BatchVerdict"/> decides whether inputs may be padded; null when the settings declare a
    /// contract.
    /// </summary>
    private readonly IModelSession? _session;

    /// <summary>Whether the settings specify the fill values. In that case, a request that cannot be padded fails.</summary>
    private readonly bool _isConfigured;

    private Padding(ModelSignature signature, ImmutableArray<byte[]> fills, IModelSession? session, bool isConfigured) =>
        (_signature, _fills, _session, _isConfigured) = (signature, fills, session, isConfigured);

    /// <summary>Whether every input has a fill element.</summary>
    public bool CoversAll => _fills.All(fill => fill.Length > 0);

    /// <summary>Whether inputs may be padded: always under a declared contract, otherwise as the session's verdict decides.</summary>
    public bool IsAllowed => _session is not { BatchVerdict.AllowsPadding: false };

    /// <summary>
    /// Creates the padding of a model. Returns null when no input has a fill value, the model allows no padding, or requests may not share
    /// runs.
    /// </summary>
    /// <param name="session">
    /// The session whose verdict decides when the settings do not declare a contract. Before the verdict, nothing is padded.
    /// </param>
    public static Padding? Create(BatchingSettings settings, ModelSignature signature, IModelSession? session = null)
    {
        var values = PaddingCheck.GetFillValues(settings, signature);
        if (values.IsEmpty || settings.Contract == ContractChoice.None || signature.ItemAxis != ItemAxis.Dynamic
            || PaddingCheck.FindProblems(settings, signature).Any())
        {
            return null;
        }

        ImmutableArray<byte[]> fills = [.. signature.Inputs.Select(input =>
            values.TryGetValue(input.Name, out var value) ? FillValue.Encode(input.Type, value)! : [])];
        return new Padding(
            signature, fills, settings.Contract == ContractChoice.Proven ? session : null, isConfigured: !settings.Padding.IsEmpty);
    }

    /// <summary>
    /// Throws if padded dimensions with the same name differ in size, because these names determine the sizes of the request's outputs.
    /// Does nothing unless the settings specify the fill values.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: two such dimensions differ.</exception>
    public void ThrowIfLengthsDiffer(Tensor[] inputs)
    {
        if (_isConfigured && IsAllowed && SharedDimensions.DescribeDifference(_signature, inputs, CanPadAxis) is { } difference)
            throw InferenceException.InvalidRequest(difference);
    }

    /// <summary>
    /// Whether all padded inputs of a request have the same length. Always true when the settings specify the fill values, because
    /// <see cref="ThrowIfLengthsDiffer"/> checks such requests.
    /// </summary>
    public bool HasOneLength(Tensor[] inputs)
    {
        var length = -1L;
        for (var inputIndex = 0; inputIndex < inputs.Length && !_isConfigured; inputIndex++)
        {
            if (_fills[inputIndex].Length == 0)
                continue;
            if (length >= 0 && inputs[inputIndex].Shape[1] != length)
                return false;
            length = inputs[inputIndex].Shape[1];
        }

        return true;
    }

    /// <summary>Whether two shapes of an input differ only in dimensions that may be padded.</summary>
    public bool CanPad(int inputIndex, Shape left, Shape right)
    {
        if (!IsAllowed)
            return false;
        for (var axis = 1; axis < left.Rank; axis++)
        {
            if (left[axis] != right[axis] && !CanPadAxis(inputIndex, axis))
                return false;
        }

        return true;
    }

    /// <summary>Joins the rows of all parts into one tensor, padded to the longest part. The caller disposes the tensor.</summary>
    public Tensor Join(int inputIndex, IReadOnlyList<Tensor> parts) => TensorPadding.Join(parts, _fills[inputIndex]);

    /// <summary>Joins parts of tensors into one tensor, padded to the longest part. The caller disposes the tensor.</summary>
    public Tensor Join(int inputIndex, TensorCorner[] parts) => TensorPadding.Join(parts, _fills[inputIndex]);

    /// <summary>Copies a request's own rows of an output, without the elements that come from padding.</summary>
    /// <param name="inputs">The inputs of the request.</param>
    public Tensor Crop(int outputIndex, Tensor rows, Tensor[] inputs) =>
        FindCorner(outputIndex, rows, (inputIndex, axis) => inputs[inputIndex].Shape[axis]) is { IsWhole: false } corner
            ? TensorPadding.Crop(rows, corner.Shape)
            : Tensor.Concatenate([rows]);

    /// <summary>Returns the part of an output that does not come from padding, for rows whose inputs all have one length.</summary>
    public TensorCorner FindCorner(int outputIndex, Tensor rows, int length) => FindCorner(outputIndex, rows, (_, _) => length);

    private bool CanPadAxis(int inputIndex, int axis) =>
        _fills[inputIndex].Length > 0 && _signature.Inputs[inputIndex].Shape[axis] == Shape.Dynamic;

    private TensorCorner FindCorner(int outputIndex, Tensor rows, Func<int, int, long> getSize)
    {
        var dimensions = rows.Shape.Dimensions.ToArray();
        for (var axis = 1; axis < dimensions.Length; axis++)
            dimensions[axis] = Math.Min(dimensions[axis], FindLength(outputIndex, axis, getSize) ?? dimensions[axis]);
        return new TensorCorner(rows, new Shape(dimensions));
    }

    /// <summary>
    /// Returns the size of the padded input dimension with the same name as an output's dimension; null for none. For an output <c>[batch,
    /// length, 768]</c>, this is the size of the input's dimension <c>length</c>.
    /// </summary>
    private long? FindLength(int outputIndex, int axis, Func<int, int, long> getSize)
    {
        var spec = _signature.Outputs[outputIndex];
        if (spec.Shape[axis] != Shape.Dynamic)
            return null;
        for (var inputIndex = 0; inputIndex < _fills.Length; inputIndex++)
        {
            var inputAxis = _signature.Inputs[inputIndex].Symbols.IndexOf(spec.Symbols[axis]);
            if (inputAxis > 0 && CanPadAxis(inputIndex, inputAxis))
                return getSize(inputIndex, inputAxis);
        }

        return null;
    }
}
