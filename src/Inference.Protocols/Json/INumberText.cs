namespace Inference.Protocols.Json;

/// <summary>Writes an element of a tensor as a JSON value.</summary>
internal interface INumberText<T>
    where T : unmanaged
{
    /// <summary>No value of the type is longer.</summary>
    static abstract int MaxLength { get; }

    /// <returns>The length written.</returns>
    static abstract int Write(Span<byte> text, T value);
}
