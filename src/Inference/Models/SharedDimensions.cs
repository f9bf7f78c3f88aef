using Inference.Tensors;

namespace Inference.Models;

/// <summary>
/// Finds dimensions of inputs that have the same name in the model and different sizes in a request. The model may accept such a request,
/// because exporters also give one name to unrelated dimensions. If the model fails, the different sizes are the likely cause.
/// </summary>
public static class SharedDimensions
{
    /// <summary>Describes the first two dimensions of one name that differ in size.</summary>
    /// <param name="inputs">The inputs in the signature's order.</param>
    /// <param name="isCompared">
    /// Returns whether to compare a dimension. The arguments are the position of its input and its axis. Null compares all dimensions.
    /// </param>
    /// <returns>A sentence about the first two such dimensions; null when there are none.</returns>
    public static string? DescribeDifference(
        ModelSignature signature, IReadOnlyList<Tensor> inputs, Func<int, int, bool>? isCompared = null)
    {
        var firstUses = new Dictionary<string, (int Input, int Axis)>();
        for (var input = 0; input < inputs.Count; input++)
        {
            var symbols = signature.Inputs[input].Symbols;
            for (var axis = 0; axis < symbols.Length; axis++)
            {
                if (symbols[axis].Length == 0 || isCompared?.Invoke(input, axis) == false
                    || firstUses.TryAdd(symbols[axis], (input, axis)))
                {
                    continue;
                }

                var (other, otherAxis) = firstUses[symbols[axis]];
                var (shape, otherShape) = (inputs[input].Shape, inputs[other].Shape);
                if (shape[axis] == otherShape[otherAxis])
                    continue;
                return $"Input \"{signature.Inputs[input].Name}\" has shape {shape} and input \"{signature.Inputs[other].Name}\" "
                    + $"has {otherShape}: "
                    + $"dimension {axis} of the first and dimension {otherAxis} of the second have the same name, \"{symbols[axis]}\". "
                    + "Send equal sizes.";
            }
        }

        return null;
    }
}
