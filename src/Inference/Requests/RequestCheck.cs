using Inference.Models;
using Inference.Tensors;

namespace Inference.Requests;

/// <summary>
/// Checks a request against a signature before it is queued. All failures are <see cref="InferenceError.InvalidRequest"/>. The messages
/// name the input, its type or shape, and the expected type or shape.
/// </summary>
internal static class RequestCheck
{
    /// <summary>
    /// The maximum product of the nonzero dimensions of a tensor that also has a dimension of size 0. Such a tensor uses no memory, but
    /// loops iterate over its nonzero dimensions.
    /// </summary>
    private const int MaxEmptySize = 1 << 20;

    /// <summary>Returns the request's inputs in the signature's order.</summary>
    public static Tensor[] ResolveInputs(ModelSignature signature, PredictionRequest request)
    {
        var inputs = new Tensor[signature.Inputs.Length];
        foreach (var input in request.Inputs)
        {
            var index = signature.IndexOfInput(input.Name);
            if (index < 0)
                throw signature.CreateUnknownInputError(input.Name, input.Path);
            if (inputs[index] is not null)
                throw InferenceException.InvalidRequest($"{input.Path}: input \"{input.Name}\" is given twice.", ErrorReason.InvalidName);
            inputs[index] = CheckInput(signature, signature.Inputs[index], input);
        }

        // No input is unknown or repeated at this point, so a smaller number means a missing input.
        if (request.Inputs.Count < inputs.Length)
        {
            throw InferenceException.InvalidRequest(
                $"Missing input {QuoteNames(FindMissing(signature, inputs))}.", ErrorReason.InvalidName);
        }

        if (Array.Exists(inputs, static input => input.Shape.Dimensions.Contains(0)))
            ThrowIfNamedSizesDiffer(signature, inputs);
        ThrowIfItemCountsDiffer(signature, inputs);
        return inputs;
    }

    /// <summary>Returns the positions of the requested outputs. The array must not be modified.</summary>
    public static int[] ResolveOutputs(ModelSignature signature, PredictionRequest request)
    {
        if (request.WantsAllOutputs)
            return signature.AllOutputs;
        var outputs = new List<int>(request.Outputs.Count);
        foreach (var name in request.Outputs)
            AddOutput(outputs, signature, name);
        return [.. outputs];
    }

    /// <summary>Adds the position of an output. An output that is not a tensor has several parts, whose positions are all added.</summary>
    private static void AddOutput(List<int> outputs, ModelSignature signature, string name)
    {
        var (tensorIndex, isFound) = (signature.IndexOfOutput(name), false);
        for (var i = 0; i < signature.Outputs.Length; i++)
        {
            if (tensorIndex >= 0 ? i != tensorIndex : signature.Outputs[i].Part?.Output != name)
                continue;
            if (outputs.Contains(i))
                throw InferenceException.InvalidRequest($"Output \"{name}\" is requested twice.", ErrorReason.InvalidName);
            outputs.Add(i);
            isFound = true;
        }

        if (!isFound)
        {
            throw InferenceException.InvalidRequest(
                $"The model has no output \"{Quote.Shorten(name)}\"; its outputs are {QuoteNames(signature.Outputs)}.",
                ErrorReason.InvalidName);
        }
    }

    /// <returns>
    /// The tensor in the model's shape. The tensor is a view if the caller sent a list of one element for a scalar, or a scalar or a list
    /// for a column.
    /// </returns>
    private static Tensor CheckInput(ModelSignature signature, TensorSpec spec, RequestInput input)
    {
        var tensor = input.Tensor;
        if (tensor.Type != spec.Type)
        {
            throw InferenceException.InvalidRequest(
                $"{input.Path}: type {tensor.Type.Name()} is given, but input \"{spec.Name}\" takes {spec.Type.Name()}.",
                ErrorReason.InvalidType);
        }

        if (spec is { AcceptsAnyShape: false, Shape.Rank: 0 } && tensor.Shape.Rank == 1 && tensor.Shape[0] == 1)
            return tensor.Reshape(spec.Shape);
        if (!Fits(spec, tensor.Shape, signature.ItemAxis))
        {
            var column = spec.IsColumn && tensor.Shape.Rank <= 1 ? spec.ToColumnShape(tensor.Shape) : tensor.Shape;
            if (!Fits(spec, column, signature.ItemAxis))
            {
                throw InferenceException.InvalidRequest(
                    $"{input.Path}: shape {tensor.Shape} is given, but input \"{spec.Name}\" takes {spec.Shape} (-1: any size).",
                    ErrorReason.InvalidShape);
            }

            tensor = tensor.Reshape(column);
        }

        if (tensor.Shape.Dimensions.Contains(0))
            ThrowIfEmptyUnsupported(signature, input);
        return tensor;
    }

    private static bool Fits(TensorSpec spec, Shape shape, ItemAxis itemAxis)
    {
        var fits = spec.AcceptsAnyShape || shape.Rank == spec.Shape.Rank;
        for (var axis = 0; fits && axis < spec.Shape.Rank; axis++)
            fits = spec.Shape[axis] is Shape.Dynamic || spec.Shape[axis] == shape[axis] || (axis == 0 && itemAxis == ItemAxis.Single);
        return fits;
    }

    /// <summary>
    /// Throws for a tensor with a dimension of size 0, unless all kernels of the model are known to support such a dimension. Other kernels
    /// may divide by the size.
    /// </summary>
    private static void ThrowIfEmptyUnsupported(ModelSignature signature, RequestInput input)
    {
        if (signature.ItemAxis != ItemAxis.None && input.Tensor.Shape[0] == 0)
        {
            throw InferenceException.InvalidRequest(
                $"{input.Path}: shape {input.Tensor.Shape} has no items; send at least one.", ErrorReason.InvalidShape);
        }

        if (signature.ZeroSizeObstacle is { } obstacle)
        {
            throw InferenceException.InvalidRequest(
                $"{input.Path}: shape {input.Tensor.Shape} has a dimension of size 0, which this model does not support. {obstacle} Send "
                + "sizes from 1.",
                ErrorReason.InvalidShape);
        }

        var product = 1.0;
        foreach (var size in input.Tensor.Shape.Dimensions)
            product *= Math.Max(1, size);
        if (product > MaxEmptySize)
        {
            throw InferenceException.InvalidRequest(
                $"{input.Path}: shape {input.Tensor.Shape} has no elements, so the product of its other sizes may be at most "
                + $"{MaxEmptySize}.",
                ErrorReason.InvalidShape);
        }
    }

    /// <summary>Throws if inputs that must have the same number of items differ in this number.</summary>
    private static void ThrowIfItemCountsDiffer(ModelSignature signature, Tensor[] inputs)
    {
        for (var i = 1; i < inputs.Length; i++)
        {
            if (signature.ItemPartners[i] is >= 0 and var partner && inputs[i].Shape[0] != inputs[partner].Shape[0])
                throw signature.CreateUnequalItemsError(inputs, i, partner);
        }
    }

    /// <summary>
    /// Throws if dimensions with the same name differ in size. Called if an input has a dimension of size 0. ONNX Runtime's optimizer
    /// assumes equal sizes, and the kernels that the optimizer inserts do not check the sizes. For example, a kernel that adds two tensors
    /// divides by the size of the second, which could be 0.
    /// </summary>
    private static void ThrowIfNamedSizesDiffer(ModelSignature signature, Tensor[] inputs)
    {
        if (SharedDimensions.DescribeDifference(signature, inputs) is { } difference)
            throw InferenceException.InvalidRequest(difference, ErrorReason.InvalidShape);
    }

    private static IEnumerable<TensorSpec> FindMissing(ModelSignature signature, Tensor[] inputs) =>
        signature.Inputs.Where((_, index) => inputs[index] is null);

    private static string QuoteNames(IEnumerable<TensorSpec> specs) => string.Join(", ", specs.Select(spec => $"\"{spec.Name}\""));
}
