using Inference.Tensors;

namespace Inference.Protocols.OpenInference.Grpc;

/// <summary>The field numbers of an <c>InferTensorContents</c> by element type, as in open_inference.proto.</summary>
internal static class TypedContents
{
    public const int Booleans = 1;
    public const int Bytes = 8;

    private static readonly string[] Names =
    [
        "", "bool_contents", "int_contents", "int64_contents", "uint_contents", "uint64_contents", "fp32_contents", "fp64_contents",
        "bytes_contents",
    ];

    /// <summary>Returns the number of the field; 0 for types that can only be sent as raw contents.</summary>
    public static int Field(ElementType type) => type switch
    {
        ElementType.Bool => Booleans,
        ElementType.Int8 or ElementType.Int16 or ElementType.Int32 => 2,
        ElementType.Int64 => 3,
        ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32 => 4,
        ElementType.UInt64 => 5,
        ElementType.Float32 => 6,
        ElementType.Float64 => 7,
        ElementType.Bytes => Bytes,
        ElementType.Float16 or ElementType.BFloat16 => 0,
    };

    /// <summary>Returns the name of a field, for messages.</summary>
    public static string Name(int field) => field < Names.Length ? Names[field] : "a field that the protocol does not have";

    /// <summary>
    /// Returns the minimum number of bytes of an element in a message. Before memory is allocated for the elements of a shape, the number
    /// of elements is compared with the size of the contents divided by this minimum.
    /// </summary>
    public static int MinSize(ElementType type) => type switch
    {
        ElementType.Float32 => sizeof(float),
        ElementType.Float64 => sizeof(double),
        // An element has at least a tag and a length.
        ElementType.Bytes => 2,
        _ => 1,
    };
}
