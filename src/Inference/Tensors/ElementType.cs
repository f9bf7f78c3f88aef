namespace Inference.Tensors;

/// <summary>The element types of the Open Inference Protocol, and BF16 from Triton.</summary>
public enum ElementType
{
    Bool,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Int8,
    Int16,
    Int32,
    Int64,
    Float16,
    BFloat16,
    Float32,
    Float64,

    /// <summary>Byte strings, such as UTF-8 text. Only elements of this type differ in size.</summary>
    Bytes,
}

/// <summary>The sizes and protocol names of element types.</summary>
public static class ElementTypes
{
    /// <summary>Returns the size of one element in bytes; 0 for <see cref="ElementType.Bytes"/>, whose elements differ in size.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Bytes => 0,
        ElementType.Bool or ElementType.UInt8 or ElementType.Int8 => 1,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.UInt32 or ElementType.Int32 or ElementType.Float32 => 4,
        ElementType.UInt64 or ElementType.Int64 or ElementType.Float64 => 8,
    };

    /// <summary>Whether the type is a floating-point type, which has fractions and non-finite values.</summary>
    public static bool IsFloat(this ElementType type) =>
        type is ElementType.Float16 or ElementType.BFloat16 or ElementType.Float32 or ElementType.Float64;

    /// <summary>Whether the type has whole numbers only. Returns false for <see cref="ElementType.Bool"/>.</summary>
    public static bool IsInteger(this ElementType type) => !type.IsFloat() && type is not (ElementType.Bool or ElementType.Bytes);

    /// <summary>Returns the name of the type in the Open Inference Protocol.</summary>
    public static string Name(this ElementType type) => type switch
    {
        ElementType.Bool => "BOOL",
        ElementType.UInt8 => "UINT8",
        ElementType.UInt16 => "UINT16",
        ElementType.UInt32 => "UINT32",
        ElementType.UInt64 => "UINT64",
        ElementType.Int8 => "INT8",
        ElementType.Int16 => "INT16",
        ElementType.Int32 => "INT32",
        ElementType.Int64 => "INT64",
        ElementType.Float16 => "FP16",
        ElementType.BFloat16 => "BF16",
        ElementType.Float32 => "FP32",
        ElementType.Float64 => "FP64",
        ElementType.Bytes => "BYTES",
    };

    /// <summary>Parses the name of a type, exactly as the protocol writes it.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out ElementType type)
    {
        foreach (var candidate in Enum.GetValues<ElementType>())
        {
            if (name.SequenceEqual(candidate.Name()))
            {
                type = candidate;
                return true;
            }
        }

        type = default;
        return false;
    }
}
