using System.Buffers.Text;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// Converts native outputs that are maps or lists to tensors in pooled memory. Maps become a tensor of keys and a tensor of values. A list
/// of tensors becomes a tensor of shapes and a tensor of elements.
/// </summary>
internal static class OutputParts
{
    /// <summary>The maximum number of characters of a 64-bit integer: 19 digits and a sign.</summary>
    private const int MaxDigits = 20;

    /// <summary>Fills the results that belong to one native output.</summary>
    /// <param name="requested">The positions of the requested outputs in the signature, in the order of <paramref name="results"/>.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the output cannot be represented as tensors.
    /// </exception>
    public static void Read(OrtValue value, string name, ModelSignature signature, IReadOnlyList<int> requested, Tensor?[] results)
    {
        var (first, second) = HasMaps(value, name, signature) ? ReadMaps(value, name, signature) : ReadList(value, name, signature);
        for (var i = 0; i < results.Length; i++)
        {
            if (signature.Outputs[requested[i]].Part is not { } part || part.Output != name)
                continue;
            var isFirst = part.Kind is OutputPartKind.RowKeys or OutputPartKind.Keys or OutputPartKind.Shapes;
            ref var source = ref isFirst ? ref first : ref second;
            (results[i], source) = (source, null);
        }

        first?.Dispose();
        second?.Dispose();
    }

    /// <summary>Throws if a requested output has no value. Later code could not report the name of the output.</summary>
    /// <param name="requested">The positions of the requested outputs in the signature, in the order of <paramref name="results"/>.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: a result is missing.</exception>
    public static void ThrowIfMissing(Tensor?[] results, IReadOnlyList<int> requested, ModelSignature signature)
    {
        if (Array.IndexOf(results, null) is >= 0 and var missing)
        {
            throw new InferenceException(
                InferenceError.RuntimeFailure,
                $"The run produced no value for output {ProblemText.Quote(signature.Outputs[requested[missing]].Name)}.");
        }
    }

    /// <summary>Appends the elements of a native tensor of strings.</summary>
    public static void AppendStrings(this TensorBuilder builder, OrtValue value, int count)
    {
        for (var i = 0; i < count; i++)
            builder.AppendBytes(value.GetStringElementAsSpan(i));
    }

    private static bool HasMaps(OrtValue value, string name, ModelSignature signature) =>
        value.OnnxType == OnnxValueType.ONNX_TYPE_MAP
        || signature.Outputs.First(spec => spec.Part?.Output == name).Part!.HasItems;

    private static (Tensor? Keys, Tensor? Values) ReadMaps(OrtValue value, string name, ModelSignature signature)
    {
        var isList = value.OnnxType == OnnxValueType.ONNX_TYPE_SEQUENCE;
        var (count, size) = (isList ? value.GetValueCount() : 1, -1);
        using var keys = new TensorBuilder(ElementType.Bytes);
        using var values = new ElementBuilder(signature.Outputs.Last(spec => spec.Part?.Output == name).Type);
        for (var i = 0; i < count; i++)
        {
            using var item = isList ? value.GetValue(i, OrtAllocator.DefaultInstance) : null;
            using var itemKeys = (item ?? value).GetValue(0, OrtAllocator.DefaultInstance);
            using var itemValues = (item ?? value).GetValue(1, OrtAllocator.DefaultInstance);
            var keyCount = AddKeys(itemKeys, keys);
            if (size >= 0 && keyCount != size)
            {
                throw new InferenceException(
                    InferenceError.RuntimeFailure,
                    $"The maps of output \"{name}\" differ in size ({size} and {keyCount}), so they do not form a table.");
            }

            size = keyCount;
            values.Add(itemValues, name);
        }

        var shape = isList ? new Shape(count, Math.Max(size, 0)) : new Shape(size);
        return (keys.Build(shape), values.Build(shape));
    }

    private static int AddKeys(OrtValue map, TensorBuilder keys)
    {
        var info = map.GetTensorTypeAndShape();
        var count = checked((int)info.ElementCount);
        if (info.ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.String)
        {
            keys.AppendStrings(map, count);
            return count;
        }

        foreach (var key in count == 0 ? [] : map.GetTensorDataAsSpan<long>())
        {
            Utf8Formatter.TryFormat(key, keys.ReserveBytes(MaxDigits), out var length);
            keys.CommitBytes(length);
        }

        return count;
    }

    private static (Tensor? Shapes, Tensor? Elements) ReadList(OrtValue value, string name, ModelSignature signature)
    {
        var count = value.GetValueCount();
        var shapes = new long[count][];
        using var elements = new ElementBuilder(signature.Outputs.Last(spec => spec.Part?.Output == name).Type);
        for (var i = 0; i < count; i++)
        {
            using var item = value.GetValue(i, OrtAllocator.DefaultInstance);
            shapes[i] = item.GetTensorTypeAndShape().Shape;
            elements.Add(item, name);
        }

        var rank = shapes.Length == 0 ? 0 : shapes.Max(static shape => shape.Length);
        var table = Tensor.Rent(ElementType.Int64, new Shape(count, rank));
        var rows = table.Values<long>();
        rows.Fill(Shape.Dynamic);
        for (var i = 0; i < count; i++)
            shapes[i].CopyTo(rows[(i * rank)..]);
        return (table, elements.Build(new Shape(elements.Count)));
    }
}
