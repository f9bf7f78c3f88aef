using System.Globalization;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>
/// Compares the result of an item with the result of the same item with padded inputs. The inputs are padded as in a run of requests of
/// different lengths.
/// </summary>
/// <param name="fills">The padding value of each padded input, by the name of the input. Inputs without a value are not padded.</param>
internal sealed class PaddingMeasurement(
    OnnxSession session, BatchLayout layout, IReadOnlyDictionary<string, float> fills, ItemTrials trials)
{
    /// <summary>The minimum number of items. A measurement of fewer items proves nothing.</summary>
    private const int MinCompared = 2;

    /// <summary>The lengths of generated items, in the order of attempts.</summary>
    private static readonly int[] Lengths = [6, 32, 64, 256];

    private static readonly (ItemKind Kind, int Variant)[] Kinds =
        [(ItemKind.Ones, 0), (ItemKind.Random, 0), (ItemKind.Random, 1), (ItemKind.Wide, 0)];

    private int _comparedCount;

    /// <summary>Measures whether padding changes the results of items.</summary>
    /// <param name="samples">Inputs from the model's owner.</param>
    /// <returns>A sentence with the reason why inputs are not padded; null when padding changes no result.</returns>
    /// <exception cref="OperationCanceledException"/>
    public async Task<string?> FindObstacleAsync(IReadOnlyList<Tensor[]> samples, CancellationToken cancellationToken)
    {
        if (!layout.IsFirstAxis)
            return "Inputs are not padded, because the items are not the first dimension of every input and output.";
        try
        {
            foreach (var item in EnumerateItems(samples))
            {
                if (await CompareAsync(item, cancellationToken).ConfigureAwait(false) is { } difference)
                    return $"Inputs are not padded, because padding changes the result of an item. {difference}";
            }
        }
        catch (TimeoutException)
        {
            return "Inputs are not padded, because the runs that compare padded and unpadded items did not end in time.";
        }

        return _comparedCount >= MinCompared ? null
            : "Inputs are not padded, because the model accepts too few of the inputs that the server generated to verify that padding "
                + "changes no result. Add a request with two different items to \"lifecycle.warmup\" in model.json.";
    }

    private IEnumerable<Tensor[]> EnumerateItems(IReadOnlyList<Tensor[]> samples)
    {
        foreach (var length in ItemGenerator.CanCreate(session.Signature) ? Lengths : [])
        {
            if (_comparedCount >= MinCompared)
                break;
            var generator = new ItemGenerator(session.Signature, layout, length);
            foreach (var (kind, variant) in Kinds)
                yield return generator.Create(kind, variant, ItemKind.Ones);
        }

        foreach (var item in samples.SelectMany(sample => SampleItems.Split(sample, layout)))
            yield return item;
    }

    /// <param name="inputs">The inputs, which this method disposes.</param>
    private async Task<string?> CompareAsync(Tensor[] inputs, CancellationToken cancellationToken)
    {
        if (await trials.TryRunAloneAsync(inputs, cancellationToken).ConfigureAwait(false) is not { } item)
            return null;
        using (item)
        {
            foreach (var factor in (double[])[1.5, 2])
            {
                if (await trials.TryRunAloneAsync(Pad(inputs, factor), cancellationToken).ConfigureAwait(false) is not { } padded)
                    return "The model fails on the padded item.";
                using (padded)
                {
                    if (FindDifference(item, padded) is { } difference)
                        return difference;
                }
            }

            // An output without a finite number has no tolerance, so nothing was compared.
            if (Array.TrueForAll(item.ResultsAlone, result => trials.GetToleranceLimits(result) is not null))
                _comparedCount++;
        }

        return null;
    }

    /// <summary>
    /// Lengthens the dynamic dimensions of an item by a factor, in the inputs that can be padded. The caller disposes the result.
    /// </summary>
    private Tensor[] Pad(Tensor[] inputs, double factor) => [.. inputs.Select((input, i) =>
    {
        var spec = session.Signature.Inputs[i];
        if (!fills.TryGetValue(spec.Name, out var fill))
            return input.Copy();
        var dimensions = input.Shape.Dimensions.ToArray();
        for (var axis = 1; axis < dimensions.Length; axis++)
            dimensions[axis] = spec.Shape[axis] == Shape.Dynamic ? (long)Math.Ceiling(factor * dimensions[axis]) : dimensions[axis];
        using var longerInput = Tensor.Rent(input.Type, new Shape(dimensions));
        longerInput.Data.Span.Clear();
        using var joined = TensorPadding.Join([input, longerInput], FillValue.Encode(input.Type, fill));
        return joined.Rows(0, 1).Copy();
    })];

    private string? FindDifference(TrialItem item, TrialItem padded)
    {
        for (var outputIndex = 0; outputIndex < item.ResultsAlone.Length; outputIndex++)
        {
            var (alone, paddedResult) = (item.ResultsAlone[outputIndex], padded.ResultsAlone[outputIndex]);
            var name = session.Signature.Outputs[outputIndex].Name;
            if (!CanBeCropped(outputIndex, alone.Shape, paddedResult.Shape, item.Inputs))
                return $"Output \"{name}\" has shape {alone.Shape} for the item and {paddedResult.Shape} for the padded item.";
            using var cropped = alone.Shape == paddedResult.Shape ? paddedResult.Copy() : TensorPadding.Crop(paddedResult, alone.Shape);
            var difference = ItemSlices.Difference(cropped, axis: 0, index: 0, alone);
            if (difference > trials.GetToleranceLimits(alone)?.Max)
                return string.Create(CultureInfo.InvariantCulture, $"Output \"{name}\" differs by {difference:G3}.");
        }

        return null;
    }

    /// <summary>
    /// Whether the output of a padded item is larger only in dimensions that have the same name as a dimension of a padded input.
    /// </summary>
    private bool CanBeCropped(int outputIndex, Shape alone, Shape padded, Tensor[] inputs)
    {
        if (alone.Rank != padded.Rank)
            return false;
        for (var axis = 0; axis < alone.Rank; axis++)
        {
            if (alone[axis] != padded[axis] && (padded[axis] < alone[axis] || FindLength(outputIndex, axis, inputs) != alone[axis]))
                return false;
        }

        return true;
    }

    private long? FindLength(int outputIndex, int axis, Tensor[] inputs)
    {
        var symbol = session.Signature.Outputs[outputIndex].Symbols[axis];
        for (var inputIndex = 0; inputIndex < inputs.Length && symbol.Length > 0; inputIndex++)
        {
            var spec = session.Signature.Inputs[inputIndex];
            if (fills.ContainsKey(spec.Name) && spec.Symbols.IndexOf(symbol) is var inputAxis and > 0)
                return inputs[inputIndex].Shape[inputAxis];
        }

        return null;
    }
}
