using Google.Protobuf;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Remote.Calls;
using Inference.Tensors;

namespace Inference.Remote.Grpc;

/// <summary>
/// Reads a tensor from the typed fields of a message, such as <c>fp32_contents</c>. Servers use these fields if they do not return raw
/// bytes.
/// </summary>
internal static class TensorContentsReader
{
    /// <exception cref="PeerException">
    /// The number of elements does not match the shape, a number is out of range, or the type has no typed field.
    /// </exception>
    public static Tensor Read(ElementType type, Shape shape, InferTensorContents? contents, string name)
    {
        contents ??= new InferTensorContents();
        using var builder = new TensorBuilder(type);
        switch (type)
        {
            case ElementType.Bool: Add(builder, contents.BoolContents, static value => value); break;
            case ElementType.Int8: Add(builder, contents.IntContents, static value => checked((sbyte)value)); break;
            case ElementType.Int16: Add(builder, contents.IntContents, static value => checked((short)value)); break;
            case ElementType.Int32: Add(builder, contents.IntContents, static value => value); break;
            case ElementType.Int64: Add(builder, contents.Int64Contents, static value => value); break;
            case ElementType.UInt8: Add(builder, contents.UintContents, static value => checked((byte)value)); break;
            case ElementType.UInt16: Add(builder, contents.UintContents, static value => checked((ushort)value)); break;
            case ElementType.UInt32: Add(builder, contents.UintContents, static value => value); break;
            case ElementType.UInt64: Add(builder, contents.Uint64Contents, static value => value); break;
            case ElementType.Float32: Add(builder, contents.Fp32Contents, static value => value); break;
            case ElementType.Float64: Add(builder, contents.Fp64Contents, static value => value); break;
            case ElementType.Bytes: AddBytes(builder, contents.BytesContents); break;
            case ElementType.Float16
                or ElementType.BFloat16:
                throw PeerException.CreateMalformedError(
                    $"output \"{PeerText.ToOneLine(name)}\" is {type.Name()} without raw contents.");
        }

        return shape.TryCount(out var count) && count == builder.Count
            ? builder.Build(shape)
            : throw PeerException.CreateMalformedError($"output \"{PeerText.ToOneLine(name)}\" has {Counted.Text(builder.Count, "element")}, but its "
                + $"shape is {shape}.");
    }

    private static void Add<TValue, T>(TensorBuilder builder, IEnumerable<TValue> values, Func<TValue, T> convert)
        where T : unmanaged
    {
        try
        {
            foreach (var value in values)
                builder.Append(convert(value));
        }
        catch (OverflowException e)
        {
            throw PeerException.CreateMalformedError($"a number is not a value of {builder.Type.Name()}.", e);
        }
    }

    private static void AddBytes(TensorBuilder builder, IEnumerable<ByteString> values)
    {
        foreach (var value in values)
            builder.AppendBytes(value.Span);
    }
}
