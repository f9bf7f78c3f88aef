using Inference.Models;
using Inference.Tensors;

namespace Inference.Requests;

/// <summary>
/// Holds a request against a signature, before anything is queued. All failures are
/// <see cref="InferenceError.InvalidRequest"/> and name the input, what came and what is expected.
/// </summary>
internal static class RequestCheck
{
    /// <summary>The request's inputs in the signature's order.</summary>
    public static Tensor[] Inputs(ModelSignature signature, PredictionRequest request)
    {
        var inputs = new Tensor[signature.Inputs.Length];
        foreach (var input in request.Inputs)
        {
            var index = signature.IndexOfInput(input.Name);
            if (index < 0)
                throw InferenceException.InvalidRequest($"{input.Path}: the model has no input \"{Quote.Of(input.Name)}\"; its inputs are {Names(signature.Inputs)}.");
            if (inputs[index] is not null)
                throw InferenceException.InvalidRequest($"{input.Path}: input \"{input.Name}\" is given twice.");
            Check(signature.Inputs[index], input, signature.ItemAxis);
            inputs[index] = input.Tensor;
        }

        // None of those that came is without its place, or in another's.
        if (request.Inputs.Count < inputs.Length)
            throw InferenceException.InvalidRequest($"Missing input {Names(Missing(signature, inputs))}.");
        CheckSharedDimensions(signature, inputs);
        return inputs;
    }

    /// <summary>The positions of the outputs wanted; not to be written to.</summary>
    public static int[] Outputs(ModelSignature signature, PredictionRequest request)
    {
        if (request.WantsAll)
            return signature.AllOutputs;
        var outputs = new int[request.Outputs.Count];
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = signature.IndexOfOutput(request.Outputs[i]);
            if (outputs[i] < 0)
                throw InferenceException.InvalidRequest($"The model has no output \"{Quote.Of(request.Outputs[i])}\"; its outputs are {Names(signature.Outputs)}.");
            if (outputs.AsSpan(0, i).Contains(outputs[i]))
                throw InferenceException.InvalidRequest($"Output \"{request.Outputs[i]}\" is asked for twice.");
        }

        return outputs;
    }

    private static void Check(TensorSpec spec, RequestInput input, ItemAxis batch)
    {
        var tensor = input.Tensor;
        if (tensor.Type != spec.Type)
            throw InferenceException.InvalidRequest($"{input.Path}: type {tensor.Type.Name()} is given, but input \"{spec.Name}\" takes {spec.Type.Name()}.");
        var fits = tensor.Shape.Rank == spec.Shape.Rank;
        for (var axis = 0; fits && axis < spec.Shape.Rank; axis++)
        {
            // Kernels are free to divide by a dimension, so an empty one never reaches them.
            fits = tensor.Shape[axis] > 0
                && (spec.Shape[axis] is Shape.Dynamic || spec.Shape[axis] == tensor.Shape[axis] || (axis == 0 && batch == ItemAxis.Single));
        }

        if (!fits)
            throw InferenceException.InvalidRequest($"{input.Path}: shape {tensor.Shape} is given, but input \"{spec.Name}\" takes {spec.Shape} (-1: any size from 1).");
    }

    private static void CheckSharedDimensions(ModelSignature signature, Tensor[] inputs)
    {
        // Few dimensions have names, and models have few inputs: looking back beats a dictionary.
        for (var i = 0; i < inputs.Length; i++)
        {
            for (var axis = 0; axis < inputs[i].Shape.Rank; axis++)
            {
                var (earlier, earlierAxis) = FirstLike(signature, i, axis);
                var (expected, found) = (inputs[earlier].Shape[earlierAxis], inputs[i].Shape[axis]);
                if (expected == found)
                    continue;
                throw InferenceException.InvalidRequest(
                    $"Input \"{signature.Inputs[i].Name}\" has shape {inputs[i].Shape} and input \"{signature.Inputs[earlier].Name}\" has "
                    + $"{inputs[earlier].Shape}: dimension {axis} of the first must equal dimension {earlierAxis} of the second.");
            }
        }
    }

    /// <summary>The first place of the dimension that this one must equal: itself, when there is none before it.</summary>
    private static (int Input, int Axis) FirstLike(ModelSignature signature, int input, int axis)
    {
        if (axis == 0 && signature.ItemAxis == ItemAxis.Single)
            return (0, 0);
        var symbol = signature.Inputs[input].Symbols[axis];
        for (var i = 0; symbol.Length > 0 && i <= input; i++)
        {
            var found = signature.Inputs[i].Symbols.IndexOf(symbol);
            if (found >= 0)
                return (i, found);
        }

        return (input, axis);
    }

    private static IEnumerable<TensorSpec> Missing(ModelSignature signature, Tensor[] inputs) => signature.Inputs.Where((_, index) => inputs[index] is null);

    private static string Names(IEnumerable<TensorSpec> specs) => string.Join(", ", specs.Select(spec => $"\"{spec.Name}\""));
}
