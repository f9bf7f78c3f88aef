using System.Collections.Immutable;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>
/// The largest sizes that a model's settings allow for dynamic dimensions of its inputs. The memory for the
/// intermediate results of a model can grow with the square of such a dimension. Only the model's owner knows which sizes make sense.
/// </summary>
public sealed class DimensionLimits
{
    private readonly ImmutableArray<Limit> _limits;

    private DimensionLimits(ImmutableArray<Limit> limits) => _limits = limits;

    /// <summary>Returns the limits of a model; null when there are none.</summary>
    /// <param name="settings">The settings, for which <see cref="FindProblems"/> must return no message.</param>
    public static DimensionLimits? Create(LimitSettings settings, ModelSignature signature)
    {
        if (settings.Dimensions.IsEmpty)
            return null;
        var limits = ImmutableArray.CreateBuilder<Limit>();
        foreach (var (name, max) in settings.Dimensions)
        {
            limits.AddRange(FindDynamicDimensions(signature)
                .Where(dimension => dimension.IsNamed(name))
                .Select(dimension => dimension with { Max = max }));
        }

        return new DimensionLimits(limits.ToImmutable());
    }

    /// <summary>Returns a message for each name in the settings that is not a dynamic dimension of an input.</summary>
    internal static IEnumerable<string> FindProblems(LimitSettings settings, ModelSignature signature)
    {
        List<Limit> dimensions = [.. FindDynamicDimensions(signature)];
        var names = string.Join(", ", dimensions.Select(dimension => ProblemText.Quote(dimension.Name)).Distinct());
        foreach (var name in settings.Dimensions.Keys.Where(name => !dimensions.Exists(dimension => dimension.IsNamed(name))))
        {
            yield return $"The model's inputs have no dynamic dimension {ProblemText.Quote(name)}. "
                + (names.Length > 0 ? $"Their dynamic dimensions are {names}." : "All their dimensions are fixed.");
        }
    }

    /// <summary>Throws if a dimension of an input is larger than its limit.</summary>
    /// <param name="inputs">The inputs in the signature's order, checked against it.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: a dimension is larger than its limit.</exception>
    internal void ThrowIfExceeded(IReadOnlyList<Tensor> inputs)
    {
        foreach (var limit in _limits)
        {
            if (inputs[limit.Input].Shape[limit.Axis] is var size && size > limit.Max)
            {
                throw InferenceException.InvalidRequest(
                    $"Input \"{limit.InputName}\" has shape {inputs[limit.Input].Shape}: its "
                    + $"dimension {limit.Axis}{limit.Symbol} is {size}, "
                    + $"but \"limits.dimensions\" in {ModelSettings.FileName} allows at most {limit.Max}. Send a smaller input.");
            }
        }
    }

    /// <summary>Returns the dynamic dimensions of the inputs, without their limits.</summary>
    private static IEnumerable<Limit> FindDynamicDimensions(ModelSignature signature)
    {
        for (var input = 0; input < signature.Inputs.Length; input++)
        {
            var spec = signature.Inputs[input];
            for (var axis = 0; axis < spec.Shape.Rank; axis++)
            {
                if (spec.Shape[axis] == Shape.Dynamic)
                    yield return new Limit(input, axis, spec, Max: 0);
            }
        }
    }

    /// <summary>A dynamic dimension of an input and its largest size.</summary>
    private readonly record struct Limit(int Input, int Axis, TensorSpec Spec, long Max)
    {
        public string InputName => Spec.Name;

        /// <summary>The model's name of the dimension, or its position when the model has no name for it.</summary>
        public string Name => Spec.Symbols[Axis] is { Length: > 0 } symbol ? symbol : Path;

        /// <summary>
        /// The name as messages show it after the number of the dimension, such as <c> ("length")</c>; empty without a name.
        /// </summary>
        public string Symbol => Spec.Symbols[Axis] is { Length: > 0 } symbol ? $" (\"{symbol}\")" : "";

        private string Path => FormattableString.Invariant($"{Spec.Name}[{Axis}]");

        /// <summary>Whether a name in the settings refers to this dimension.</summary>
        public bool IsNamed(string name) => (name.Length > 0 && name == Spec.Symbols[Axis]) || name == Path;
    }
}
