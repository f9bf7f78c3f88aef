namespace Inference.Tensors;

/// <summary>Converts between 32-bit floats and BF16. A BF16 is the upper half of a 32-bit float.</summary>
public static class BFloat16
{
    /// <summary>
    /// Rounds to the nearest BF16. A value halfway between two BF16 is rounded to the even one, as hardware does. The value must not be
    /// NaN.
    /// </summary>
    public static ushort Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>Returns the 32-bit float of the same value. Every BF16 has one.</summary>
    public static float Widen(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);
}
