using System.Runtime.CompilerServices;

namespace Inference.Protocols.Json;

/// <summary>
/// The doubles nearest to the powers of ten with exponents from -57 to 38, and the exact floats with exponents from 0 to 7.
/// </summary>
internal static class PowersOfTen
{
    /// <summary>The minimum exponent. The product of a number of nineteen digits and a smaller power is below any normal float.</summary>
    private const int MinExponent = -57;

    private static ReadOnlySpan<double> Values =>
    [
        1e-57, 1e-56, 1e-55, 1e-54, 1e-53, 1e-52, 1e-51, 1e-50, 1e-49, 1e-48, 1e-47, 1e-46, 1e-45, 1e-44, 1e-43, 1e-42,
        1e-41, 1e-40, 1e-39, 1e-38, 1e-37, 1e-36, 1e-35, 1e-34, 1e-33, 1e-32, 1e-31, 1e-30, 1e-29, 1e-28, 1e-27, 1e-26,
        1e-25, 1e-24, 1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10,
        1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6,
        1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
        1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32, 1e33, 1e34, 1e35, 1e36, 1e37, 1e38,
    ];

    private static ReadOnlySpan<float> Singles => [1, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f];

    /// <summary>Returns a power of ten as a float.</summary>
    /// <param name="exponent">From 0 to 7, where the float is exact.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float GetSingle(int exponent) => Singles[exponent];

    /// <summary>Finds the double nearest to a power of ten. Returns false when the exponent is out of range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryGet(int exponent, out double power)
    {
        var index = (uint)(exponent - MinExponent);
        var isInRange = index < (uint)Values.Length;
        power = isInRange ? Values[(int)index] : 0;
        return isInRange;
    }
}
