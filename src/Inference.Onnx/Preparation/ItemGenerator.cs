using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>Generates the inputs of one item. The values are the same in every process.</summary>
/// <param name="size">The size of every dynamic dimension except the dimension of the items.</param>
internal sealed class ItemGenerator(ModelSignature signature, BatchLayout layout, int size)
{
    /// <summary>The seed of the random values. The number has no meaning.</summary>
    private const int Seed = 20170905;

    /// <summary>The largest magnitude of FP16 values in items of the kind <see cref="ItemKind.Large"/>.</summary>
    private const double LargestFloat16 = 1e4;

    /// <summary>The largest magnitude of other floating-point values in such items.</summary>
    private const double Largest = 1e6;

    /// <summary>Whether items can be generated. This is not possible for inputs with strings.</summary>
    public static bool CanCreate(ModelSignature signature) => signature.Inputs.All(input => input.Type != ElementType.Bytes);

    /// <summary>Whether inputs have dynamic dimensions other than the dimension of the items.</summary>
    public static bool HasDynamicSizes(ModelSignature signature, BatchLayout layout)
    {
        for (var i = 0; i < signature.Inputs.Length; i++)
        {
            var dimensions = signature.Inputs[i].Shape.Dimensions;
            var dynamicCount = dimensions.Count(Shape.Dynamic);
            if (dynamicCount > (layout.Inputs[i] >= 0 && dimensions[layout.Inputs[i]] == Shape.Dynamic ? 1 : 0))
                return true;
        }

        return false;
    }

    /// <summary>The size of the inputs of one item, in bytes.</summary>
    public double SizeInBytes => signature.Inputs.Select((input, i) => CountElements(input, layout.Inputs[i]) * input.Type.Size()).Sum();

    /// <summary>
    /// Whether the values of items of the kind differ from those of random items. For a model whose items have only integers, items of the
    /// kinds NaN and infinity are random items.
    /// </summary>
    public bool IsDistinct(ItemKind kind) => kind is not (ItemKind.NotANumber or ItemKind.Infinite)
        || signature.Inputs.Where((_, i) => HasItems(i)).Any(input => input.Type.IsFloat());

    /// <param name="variant">The variant. Items of one kind with different variants have different random values.</param>
    /// <param name="sharedKind">The values of the inputs that all items share.</param>
    /// <returns>The inputs, which the caller disposes.</returns>
    public Tensor[] Create(ItemKind kind, int variant, ItemKind sharedKind) => GeneratedIntegers.ReplaceZeros(
        signature,
        [.. signature.Inputs.Select((input, i) => HasItems(i)
            ? Create(input, layout.Inputs[i], size, kind, new Random(ComputeSeed(i, (int)kind, variant)))
            : Create(input, BatchLayout.Shared, size, sharedKind, new Random(ComputeSeed(i, 0, 0))))]);

    private static int ComputeSeed(int inputIndex, int kind, int variant) => Seed + (((inputIndex * 31) + kind) * 31) + variant;

    private bool HasItems(int inputIndex) => layout.Inputs[inputIndex] != BatchLayout.Shared;

    /// <summary>Creates one input.</summary>
    /// <param name="itemAxis">The axis of the items, which has the size 1; <see cref="BatchLayout.Shared"/> for none.</param>
    /// <param name="size">The size of every other dynamic dimension.</param>
    public static Tensor Create(TensorSpec spec, int itemAxis, int size, ItemKind kind, Random random)
    {
        var dimensions = spec.Shape.Dimensions.ToArray();
        if (itemAxis >= 0)
            dimensions[itemAxis] = 1;
        dimensions.AsSpan().Replace(Shape.Dynamic, size);
        var tensor = Tensor.Rent(spec.Type, new Shape(dimensions));
        switch (spec.Type)
        {
            case ElementType.Float32:
                Fill(tensor.Values<float>(), index => (float)NextNumber(kind, index, Largest, random));
                break;
            case ElementType.Float64:
                Fill(tensor.Values<double>(), index => NextNumber(kind, index, Largest, random));
                break;
            case ElementType.Float16:
                Fill(tensor.Values<Half>(), index => (Half)NextNumber(kind, index, LargestFloat16, random));
                break;
            case ElementType.BFloat16:
                Fill(tensor.Values<ushort>(), index => Truncate((float)NextNumber(kind, index, Largest, random)));
                break;
            default:
                FillIntegers(tensor, kind, random);
                break;
        }

        return tensor;
    }

    /// <summary>Truncates a number to BF16.</summary>
    private static ushort Truncate(float number) => (ushort)(BitConverter.SingleToUInt32Bits(number) >> 16);

    private double CountElements(TensorSpec spec, int itemAxis)
    {
        var count = 1.0;
        for (var axis = 0; axis < spec.Shape.Rank; axis++)
            count *= axis == itemAxis ? 1 : spec.Shape[axis] == Shape.Dynamic ? size : spec.Shape[axis];
        return count;
    }

    private static double NextNumber(ItemKind kind, int index, double largest, Random random) => kind switch
    {
        ItemKind.Random => random.NextDouble(),
        ItemKind.Wide => (20 * random.NextDouble()) - 10,
        ItemKind.Large => ((2 * random.NextDouble()) - 1) * largest,
        ItemKind.Zeros => 0,
        ItemKind.Ones => 1,
        ItemKind.NotANumber => double.NaN,
        ItemKind.Infinite => index % 2 == 0 ? double.PositiveInfinity : double.NegativeInfinity,
    };

    /// <summary>Fills a tensor with small integers, because the integers of models are often indices, counts or flags.</summary>
    private static void FillIntegers(Tensor tensor, ItemKind kind, Random random)
    {
        tensor.Data.Span.Clear();
        var exclusiveMax = (kind, tensor.Type) switch
        {
            (_, ElementType.Bool) => 2,
            (ItemKind.Wide, _) => 10,
            (ItemKind.Large, _) => 100,
            _ => 2,
        };
        // In every integer type, the first byte of a small number is its value.
        for (var index = 0; index < tensor.Data.Length; index += tensor.Type.Size())
            tensor.Data.Span[index] = (byte)(kind == ItemKind.Zeros ? 0 : kind == ItemKind.Ones ? 1 : random.Next(exclusiveMax));
    }

    private static void Fill<T>(Span<T> values, Func<int, T> next)
    {
        for (var index = 0; index < values.Length; index++)
            values[index] = next(index);
    }
}
