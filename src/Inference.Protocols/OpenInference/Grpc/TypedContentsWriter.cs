using System.Numerics;
using Inference.Protocols.Protobuf;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference.Grpc;

/// <summary>Writes an <c>InferTensorContents</c>: one packed field, or one field per BYTES element.</summary>
internal static class TypedContentsWriter
{
    /// <summary>Returns the size of the message in bytes.</summary>
    public static long Size(Tensor tensor)
    {
        if (tensor.Type != ElementType.Bytes)
            return WireWriter.BytesSize(GetPackedSize(tensor));
        var size = 0L;
        foreach (var element in new PackedBytes(tensor.Data.Span))
            size += WireWriter.BytesSize(element.Length);
        return size;
    }

    public static void Write(ref WireWriter writer, Tensor tensor)
    {
        if (tensor.Type == ElementType.Bytes)
            WriteBytes(ref writer, tensor);
        else
            WriteNumbers(ref writer, tensor);
    }

    private static void WriteBytes(ref WireWriter writer, Tensor tensor)
    {
        foreach (var element in new PackedBytes(tensor.Data.Span))
        {
            writer.WriteTagAndLength(TypedContents.Bytes, element.Length);
            writer.WriteRaw(element);
        }
    }

    private static void WriteNumbers(ref WireWriter writer, Tensor tensor)
    {
        writer.WriteTagAndLength(TypedContents.Field(tensor.Type), GetPackedSize(tensor));
        switch (tensor.Type)
        {
            case ElementType.Int8:
                WriteVarints<sbyte>(ref writer, tensor);
                break;
            case ElementType.Int16:
                WriteVarints<short>(ref writer, tensor);
                break;
            case ElementType.Int32:
                WriteVarints<int>(ref writer, tensor);
                break;
            case ElementType.UInt8:
                WriteVarints<byte>(ref writer, tensor);
                break;
            case ElementType.UInt16:
                WriteVarints<ushort>(ref writer, tensor);
                break;
            case ElementType.UInt32:
                WriteVarints<uint>(ref writer, tensor);
                break;
            case ElementType.Int64 or ElementType.UInt64:
                WriteVarints<ulong>(ref writer, tensor);
                break;
            default:
                // FP32, FP64 and BOOL elements have the same bytes in the message as in the tensor.
                writer.WriteRaw(tensor.Data.Span);
                break;
        }
    }

    private static long GetPackedSize(Tensor tensor) => tensor.Type switch
    {
        ElementType.Int8 => GetVarintsSize<sbyte>(tensor),
        ElementType.Int16 => GetVarintsSize<short>(tensor),
        ElementType.Int32 => GetVarintsSize<int>(tensor),
        ElementType.UInt8 => GetVarintsSize<byte>(tensor),
        ElementType.UInt16 => GetVarintsSize<ushort>(tensor),
        ElementType.UInt32 => GetVarintsSize<uint>(tensor),
        ElementType.Int64 or ElementType.UInt64 => GetVarintsSize<ulong>(tensor),
        _ => tensor.Data.Length,
    };

    private static long GetVarintsSize<T>(Tensor tensor)
        where T : unmanaged, IBinaryInteger<T>
    {
        var size = 0L;
        foreach (var value in tensor.Values<T>())
            size += WireWriter.VarintSize(ulong.CreateTruncating(value));
        return size;
    }

    private static void WriteVarints<T>(ref WireWriter writer, Tensor tensor)
        where T : unmanaged, IBinaryInteger<T>
    {
        foreach (var value in tensor.Values<T>())
            writer.WriteVarint(ulong.CreateTruncating(value));
    }
}
