namespace Inference.Protocols.Json;

/// <summary>Converts a scanned number to an element of a tensor.</summary>
internal interface INumberConverter<T>
    where T : unmanaged
{
    /// <summary>
    /// Converts a number. Returns false when the number is out of the type's range, or when the number is a fraction and the type has only
    /// integers.
    /// </summary>
    static abstract bool TryConvert(in JsonNumber number, out T value);

    /// <summary>Converts <c>mantissa / 10^decimals</c>, a number that <see cref="ShortNumbers"/> has read.</summary>
    static abstract bool TryConvert(int mantissa, int decimals, out T value);
}
