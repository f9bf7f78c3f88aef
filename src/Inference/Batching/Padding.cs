using System.Collections.Immutable;
using System.Globalization;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// Lets requests share a batch whose items differ in length: their inputs are filled up to the longest, and of the outputs each gets
/// what its own length makes. Only dimensions that the model leaves open, of inputs whose settings name the value to fill with.
/// </summary>
internal sealed class Padding
{
    private readonly ModelSignature _signature;

    /// <summary>One element's bytes for each input, empty for one that is not filled up.</summary>
    private readonly ImmutableArray<byte[]> _fills;

    private Padding(ModelSignature signature, ImmutableArray<byte[]> fills) => (_signature, _fills) = (signature, fills);

    /// <summary>Null when the settings ask for none, or when nobody vouches that requests may share runs.</summary>
    public static Padding? Create(BatchingSettings settings, ModelSignature signature) =>
        settings.Padding.IsEmpty || settings.Contract != ContractChoice.Declared ? null
            : new Padding(signature, [.. signature.Inputs.Select(input => settings.Padding.TryGetValue(input.Name, out var value) ? Fill(input.Type, value)! : [])]);

    /// <summary>What the settings ask for and the model does not allow.</summary>
    public static IEnumerable<string> Problems(BatchingSettings settings, ModelSignature signature)
    {
        // Without a contract nothing is padded; with one, the model takes batches.
        if (settings.Contract != ContractChoice.Declared || signature.ItemAxis != ItemAxis.Dynamic)
            yield break;
        foreach (var (name, value) in settings.Padding)
        {
            if (signature.IndexOfInput(name) is var index && index < 0)
                yield return $"The model has no input \"{name}\".";
            else if (!signature.Inputs[index].Shape.Dimensions[1..].Contains(Shape.Dynamic))
                yield return $"Input \"{name}\" {signature.Inputs[index].Shape} has one length only.";
            else if (Fill(signature.Inputs[index].Type, value) is null)
                yield return string.Create(CultureInfo.InvariantCulture, $"Input \"{name}\" of {signature.Inputs[index].Type.Name()} has no value {value}.");
        }

        var padded = signature.Inputs.Where(input => settings.Padding.ContainsKey(input.Name)).SelectMany(input => input.Symbols).ToHashSet();
        foreach (var output in settings.Padding.IsEmpty ? [] : signature.Outputs)
        {
            if (output.Type == ElementType.Bytes && output.Shape.Dimensions[1..].Contains(Shape.Dynamic))
                yield return $"Output \"{output.Name}\" holds text of open length, of which what belongs to a request is not told apart.";
            for (var axis = 1; axis < output.Shape.Rank; axis++)
            {
                if (output.Shape[axis] == Shape.Dynamic && (output.Symbols[axis].Length == 0 || !padded.Contains(output.Symbols[axis])))
                    yield return $"Dimension {axis} of output \"{output.Name}\" {output.Shape} has no name in common with an input that is filled up, so what belongs to a request cannot be told.";
            }
        }
    }

    /// <summary>Whether these two shapes of an input differ only where it can be filled up.</summary>
    public bool Evens(int input, Shape left, Shape right)
    {
        for (var axis = 1; axis < left.Rank; axis++)
        {
            if (left[axis] != right[axis] && !IsOpen(input, axis))
                return false;
        }

        return true;
    }

    /// <summary>The parts' rows as one tensor, as long as the longest, for the caller to dispose.</summary>
    public Tensor Join(int input, IReadOnlyList<Tensor> parts) => TensorBox.Join(parts, _fills[input]);

    /// <summary>A request's own of some rows of an output: a copy, without what its inputs were filled up with.</summary>
    /// <param name="inputs">The request's.</param>
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

    /// <summary>The size that the request gives to a dimension of an output by its name; null for one that has a size of its own.</summary>
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

    /// <summary>The bytes of an element with this value; null when the type has none.</summary>
    private static byte[]? Fill(ElementType type, float value) => type switch
    {
        ElementType.Float32 => BitConverter.GetBytes(value),
        ElementType.Float64 => BitConverter.GetBytes((double)value),
        ElementType.Float16 when Half.IsFinite((Half)value) => BitConverter.GetBytes((Half)value),
        ElementType.Bool when value is 0 or 1 => [(byte)value],
        ElementType.UInt8 when IsWhole(value, byte.MinValue, byte.MaxValue) => [(byte)value],
        ElementType.Int8 when IsWhole(value, sbyte.MinValue, sbyte.MaxValue) => [unchecked((byte)(sbyte)value)],
        ElementType.UInt16 when IsWhole(value, ushort.MinValue, ushort.MaxValue) => BitConverter.GetBytes((ushort)value),
        ElementType.Int16 when IsWhole(value, short.MinValue, short.MaxValue) => BitConverter.GetBytes((short)value),
        ElementType.UInt32 or ElementType.UInt64 when !IsWhole(value, 0, BatchingSettings.MaxFill) => null,
        ElementType.UInt32 => BitConverter.GetBytes((uint)value),
        ElementType.UInt64 => BitConverter.GetBytes((ulong)value),
        ElementType.Int32 when float.IsInteger(value) => BitConverter.GetBytes((int)value),
        ElementType.Int64 when float.IsInteger(value) => BitConverter.GetBytes((long)value),
        _ => null,
    };

    private static bool IsWhole(float value, float min, float max) => float.IsInteger(value) && value >= min && value <= max;
}
