namespace Inference.Protocols.Json;

/// <summary>The upper half of a 32-bit float.</summary>
internal static class BFloat16
{
    /// <summary>To the nearest, ties to even, as hardware rounds. Not for NaN.</summary>
    public static ushort Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    public static float Widen(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);
}
