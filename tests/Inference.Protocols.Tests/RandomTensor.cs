using System.Runtime.InteropServices;
using System.Text;
using Inference.Tensors;

namespace Inference.Protocols.Tests;

/// <summary>Creates tensors of three dimensions with random values of their type.</summary>
internal static class RandomTensor
{
    /// <param name="isText">Whether to create only values that plain JSON can represent: UTF-8 text and finite floats.</param>
    public static Tensor Create(ElementType type, Random random, bool isText)
    {
        // The second and third dimensions never have the same size, so that a reader cannot confuse them.
        var shape = new Shape(random.Next(1, 4), random.Next(2, 4), random.Next(4, 7));
        if (type == ElementType.Bytes)
            return Bytes(shape, random, isText);
        var tensor = Tensor.Rent(type, shape);
        random.NextBytes(tensor.Data.Span);
        switch (type)
        {
            case ElementType.Bool: Fill<byte>(tensor, value => (byte)(value & 1)); break;
            case ElementType.Float16:
                Fill<Half>(
                    tensor, value => Half.IsNaN(value) || (isText && !Half.IsFinite(value)) ? Other(Half.NaN, (Half)1, isText) : value);
                break;
            case ElementType.BFloat16:
                Fill<ushort>(tensor, value =>
                    BFloat16.Widen(value) is var wide && (float.IsNaN(wide) || (isText && !float.IsFinite(wide)))
                        ? Other((ushort)0xFFC0, (ushort)0x3F80, isText)
                        : value);
                break;
            case ElementType.Float32:
                Fill<float>(
                    tensor, value => float.IsNaN(value) || (isText && !float.IsFinite(value)) ? Other(float.NaN, 1, isText) : value);
                break;
            case ElementType.Float64:
                Fill<double>(
                    tensor, value => double.IsNaN(value) || (isText && !double.IsFinite(value)) ? Other(double.NaN, 1, isText) : value);
                break;
            default: break;
        }

        if (!isText && type == ElementType.Float32)
            tensor.Values<float>()[0] = random.Next(3) switch { 0 => float.NaN, 1 => float.PositiveInfinity, _ => float.NegativeInfinity };
        return tensor;
    }

    private static T Other<T>(T notANumber, T number, bool isText) => isText ? number : notANumber;

    private static void Fill<T>(Tensor tensor, Func<T, T> fix)
        where T : unmanaged
    {
        foreach (ref var value in MemoryMarshal.Cast<byte, T>(tensor.Data.Span))
            value = fix(value);
    }

    private static Tensor Bytes(Shape shape, Random random, bool isText)
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        for (var i = 0; i < shape.ElementCount; i++)
        {
            var bytes = new byte[random.Next(6)];
            random.NextBytes(bytes);
            builder.AppendBytes(isText ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes)) : bytes);
        }

        return builder.Build(shape);
    }
}
