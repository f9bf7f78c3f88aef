namespace Inference;

/// <summary>
/// The mark that editors, Excel and some HTTP clients write before UTF-8 text. RFC 8259 lets readers of JSON ignore the mark.
/// </summary>
public static class ByteOrderMark
{
    private static ReadOnlySpan<byte> Utf8 => [0xEF, 0xBB, 0xBF];

    /// <summary>Returns the text without its leading mark, if any.</summary>
    public static ReadOnlyMemory<byte> Skip(ReadOnlyMemory<byte> text) => text.Span.StartsWith(Utf8) ? text[Utf8.Length..] : text;

    /// <inheritdoc cref="Skip(ReadOnlyMemory{byte})"/>
    public static ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> text) => text.StartsWith(Utf8) ? text[Utf8.Length..] : text;
}
