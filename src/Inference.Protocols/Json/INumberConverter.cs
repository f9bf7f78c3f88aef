namespace Inference.Protocols.Json;

/// <summary>Converts a scanned number to an element of a tensor.</summary>
internal interface INumberConverter<T>
    where T : unmanaged
{
    /// <summary>False when the type has no such value: out of its range, or a fraction for an integer.</summary>
    static abstract bool TryConvert(in JsonNumber number, out T value);

    /// <summary>The same of <c>mantissa / 10^decimals</c>, both of <see cref="ShortNumbers"/>.</summary>
    static abstract bool TryConvert(int mantissa, int decimals, out T value);
}
