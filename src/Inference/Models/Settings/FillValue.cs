using Inference.Tensors;

namespace Inference.Models.Settings;

/// <summary>The value that inputs are padded with.</summary>
public static class FillValue
{
    /// <summary>Encodes the value as one element; null when the type cannot represent the value.</summary>
    public static byte[]? Encode(ElementType type, float value) => type switch
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
