using System.Collections.Immutable;
using System.Globalization;
using Inference.Tensors;

namespace Inference.Models.Settings;

/// <summary>Compares the padding in the settings with the signature of the loaded model.</summary>
public static class PaddingCheck
{
    /// <summary>Returns the values that shorter items of a run are padded with, by the names of the inputs.</summary>
    /// <returns>
    /// The values in the settings. If the settings have none and the contract is <see cref="ContractChoice.Proven"/>, the values for a
    /// token model.
    /// </returns>
    public static ImmutableSortedDictionary<string, float> GetFillValues(BatchingSettings settings, ModelSignature signature) =>
        settings.Padding.IsEmpty && settings.Contract == ContractChoice.Proven ? TokenInput.GetFillValues(signature) : settings.Padding;

    /// <summary>
    /// Returns a warning for each reason why the padding in the settings has no effect. If the contract is
    /// <see cref="ContractChoice.Proven"/>, padding is optional, so the model is served without it.
    /// </summary>
    /// <param name="obstacle">
    /// Why the examination of the model does not allow padding; null when padding is allowed or the examination has not ended.
    /// </param>
    public static IEnumerable<FileProblem> FindIgnored(BatchingSettings settings, ModelSignature signature, string? obstacle)
    {
        if (settings.Padding.IsEmpty || settings.Contract != ContractChoice.Proven)
            return [];
        var problems = FindProblems(settings, signature).ToList();
        if (problems.Count == 0 && obstacle is not null)
            problems.Add(obstacle);
        return problems.Select(problem => new FileProblem(
            ModelSettings.FileName, 0, 0, "$.batching.padding", $"{problem} Requests of different lengths run separately."));
    }

    /// <summary>Returns a message for each reason why the model does not allow the padding.</summary>
    public static IEnumerable<string> FindProblems(BatchingSettings settings, ModelSignature signature)
    {
        // Without a contract, or without a dynamic batch dimension, nothing is padded.
        if (settings.Contract == ContractChoice.None || signature.ItemAxis != ItemAxis.Dynamic)
            yield break;
        var fillValues = GetFillValues(settings, signature);
        foreach (var (name, value) in fillValues)
        {
            if (signature.IndexOfInput(name) is var index && index < 0)
            {
                yield return $"The model has no input \"{name}\".";
            }
            else if (!signature.Inputs[index].Shape.Dimensions[1..].Contains(Shape.Dynamic))
            {
                yield return $"Input \"{name}\" {signature.Inputs[index].Shape} has a fixed length, so it cannot be padded. Remove it from "
                    + "\"padding\".";
            }
            else if (FillValue.Encode(signature.Inputs[index].Type, value) is null)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"Input \"{name}\" of {signature.Inputs[index].Type.Name()} cannot be padded with {value}.");
            }
        }

        var paddedNames =
            signature.Inputs.Where(input => fillValues.ContainsKey(input.Name)).SelectMany(input => input.Symbols).ToHashSet();
        foreach (var output in fillValues.IsEmpty ? [] : signature.Outputs)
        {
            foreach (var problem in FindOutputProblems(output, paddedNames))
                yield return problem;
        }
    }

    /// <summary>Returns why the padding cannot be removed from an output.</summary>
    /// <param name="paddedNames">The names of the dimensions of the padded inputs.</param>
    private static IEnumerable<string> FindOutputProblems(TensorSpec output, HashSet<string> paddedNames)
    {
        if (output.Type == ElementType.Bytes && output.Shape.Dimensions[1..].Contains(Shape.Dynamic))
        {
            yield return $"Output \"{output.Name}\" holds text of dynamic length. The text of one request cannot be separated from the "
                + "padding.";
        }

        for (var axis = 1; axis < output.Shape.Rank; axis++)
        {
            if (output.Shape[axis] == Shape.Dynamic && (output.Symbols[axis].Length == 0 || !paddedNames.Contains(output.Symbols[axis])))
            {
                yield return $"The length of dimension {axis} of output \"{output.Name}\" {output.Shape} without padding is unknown. "
                    + "Give this dimension the name of the padded dimension of an input.";
            }
        }
    }
}
