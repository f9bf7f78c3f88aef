namespace Inference.Protocols.Json;

/// <summary>Writes an element of a tensor as a JSON value.</summary>
internal interface INumberText<T>
    where T : unmanaged
{
    /// <summary>The maximum length of the text of a value, in bytes.</summary>
    static abstract int MaxLength { get; }

    /// <returns>The number of bytes written.</returns>
    static abstract int Write(Span<byte> text, T value);
}
