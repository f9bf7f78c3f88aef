using System.Globalization;
using System.Numerics;
using System.Text;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>
/// The classification extension, which replaces an output with its best classes: BYTES <c>score:index</c> or <c>score:index:label</c>, best
/// first. All elements of an item are its scores. An output without a batch dimension is one item.
/// </summary>
public static class Classification
{
    /// <summary>
    /// Adds the keys of a map to the requested outputs if the caller requests classes of the map's values, but not the keys. The keys are
    /// needed as the labels of the classes.
    /// </summary>
    public static void AddKeys(PredictionRequest request, ModelSignature signature, OutputForms forms)
    {
        if (!forms.HasClasses || !signature.HasParts)
            return;
        foreach (var name in request.Outputs.ToArray())
        {
            if (forms.GetClassCount(name) is null || signature.FindPart(name) is not { Kind: OutputPartKind.RowValues } part)
                continue;
            var keys = (part with { Kind = OutputPartKind.RowKeys }).TensorName;
            if (request.Outputs.Contains(keys))
                continue;
            request.Outputs.Add(keys);
            forms.Omit(keys);
        }
    }

    /// <summary>Replaces the outputs that are requested as classes. Takes ownership of the prediction.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: an output has no numbers to sort.</exception>
    public static Prediction Apply(Prediction prediction, OutputForms forms)
    {
        if (prediction.Model.Signature.HasParts)
            forms.ApplyToParts(prediction.Model.Signature);
        if (!forms.HasClasses)
            return prediction;
        var outputs = prediction.Outputs.ToArray();
        try
        {
            for (var i = 0; i < outputs.Length; i++)
            {
                if (forms.GetClassCount(outputs[i].Name) is not { } count)
                    continue;
                var classified = Classify(outputs[i], count, new ClassLabels(prediction, outputs[i].Name));
                outputs[i].Tensor.Dispose();
                outputs[i] = outputs[i] with { Tensor = classified };
            }

            foreach (var output in outputs.Where(output => forms.IsOmitted(output.Name)))
                output.Tensor.Dispose();
            return new Prediction(prediction.Model, prediction.Id, [.. outputs.Where(output => !forms.IsOmitted(output.Name))]);
        }
        catch
        {
            foreach (var output in outputs)
                output.Tensor.Dispose();
            throw;
        }
    }

    private static Tensor Classify(NamedTensor output, int count, ClassLabels labels) => output.Tensor.Type switch
    {
        ElementType.UInt8 => Classify<byte>(output.Tensor, count, labels),
        ElementType.UInt16 => Classify<ushort>(output.Tensor, count, labels),
        ElementType.UInt32 => Classify<uint>(output.Tensor, count, labels),
        ElementType.UInt64 => Classify<ulong>(output.Tensor, count, labels),
        ElementType.Int8 => Classify<sbyte>(output.Tensor, count, labels),
        ElementType.Int16 => Classify<short>(output.Tensor, count, labels),
        ElementType.Int32 => Classify<int>(output.Tensor, count, labels),
        ElementType.Int64 => Classify<long>(output.Tensor, count, labels),
        ElementType.Float16 => Classify<Half>(output.Tensor, count, labels),
        ElementType.Float32 => Classify<float>(output.Tensor, count, labels),
        ElementType.Float64 => Classify<double>(output.Tensor, count, labels),
        ElementType.Bool or ElementType.Bytes or ElementType.BFloat16 => throw InferenceException.InvalidRequest(
            $"Output \"{output.Name}\" is {output.Tensor.Type.Name()}, whose elements are not scores: request it without the parameter "
            + "classification."),
    };

    private static Tensor Classify<T>(Tensor scores, int count, ClassLabels labels)
        where T : unmanaged, INumber<T>
    {
        // An output may be a scalar even though the model declares a first dimension.
        var hasBatch = labels.Model.Signature.ItemAxis != ItemAxis.None && scores.Shape.Rank > 0;
        var items = hasBatch ? (int)scores.Shape[0] : 1;
        var classes = items == 0 ? 0 : scores.Values<T>().Length / items;
        count = Math.Min(count, classes);
        var order = new int[classes];
        using var builder = new TensorBuilder(ElementType.Bytes);
        for (var item = 0; item < items; item++)
        {
            var values = scores.Values<T>().Slice(item * classes, classes).ToArray();
            for (var i = 0; i < classes; i++)
                order[i] = i;
            // Equal scores keep their order, and NaN comes last.
            Array.Sort(order, (a, b) => values[b].CompareTo(values[a]) is not 0 and var difference ? difference : a.CompareTo(b));
            foreach (var index in order.AsSpan(0, count))
                builder.AppendBytes(Encoding.UTF8.GetBytes(Describe(values[index], index, labels.Find(item, index, classes))));
        }

        return builder.Build(hasBatch ? new Shape(items, count) : new Shape(count));
    }

    private static string Describe<T>(T score, int index, string? label)
        where T : INumber<T>
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{score}:{index}");
        return label is null ? text : $"{text}:{label}";
    }
}
