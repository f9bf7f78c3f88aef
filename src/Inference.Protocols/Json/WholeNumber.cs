using System.Runtime.CompilerServices;

namespace Inference.Protocols.Json;

/// <summary>Reads numbers that are whole but written with a point, an exponent or many digits: <c>1.0</c>, <c>1e2</c>.</summary>
internal static class WholeNumber
{
    /// <summary>Reads the number without its sign. A number that needs more than 64 bits does not count as whole.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static (bool IsWhole, ulong Magnitude) Read(in JsonNumber number)
    {
        var (magnitude, pendingZeros) = (0UL, 0);
        foreach (var character in number.Text)
        {
            if ((character | 0x20) == 'e')
                break;
            if (character is (byte)'-' or (byte)'.')
                continue;
            // Zeros are only counted until another digit or the end follows, because zeros at the end may belong to a fraction, as in 1.0.
            if (character == '0')
            {
                pendingZeros++;
                continue;
            }

            if (!TryAppendZeros(ref magnitude, pendingZeros + 1) || magnitude > ulong.MaxValue - (ulong)(character - '0'))
                return default;
            magnitude += (ulong)(character - '0');
            pendingZeros = 0;
        }

        var zeros = number.Exponent + pendingZeros;
        return (magnitude == 0 || (zeros >= 0 && TryAppendZeros(ref magnitude, zeros)), magnitude);
    }

    private static bool TryAppendZeros(ref ulong value, int zeros)
    {
        // A number with more zeros does not fit into 64 bits.
        const int MaxZeros = 19;
        if (value == 0)
            return true;
        if (zeros > MaxZeros)
            return false;
        for (; zeros > 0; zeros--)
        {
            if (value > ulong.MaxValue / 10)
                return false;
            value *= 10;
        }

        return true;
    }
}
