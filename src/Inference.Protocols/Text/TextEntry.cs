using Inference.Text;

namespace Inference.Protocols.Text;

/// <summary>A text of a request, or a pair of texts.</summary>
/// <param name="Json">The text as a JSON string.</param>
/// <param name="SecondJson">The second text of a pair as a JSON string; empty when the request does not contain it.</param>
/// <param name="SecondText">The second text of a pair, if this server has created it, such as a hypothesis; otherwise null.</param>
internal readonly record struct TextEntry(ReadOnlyMemory<byte> Json, ReadOnlyMemory<byte> SecondJson = default, string? SecondText = null)
{
    public bool IsPair => SecondText is not null || !SecondJson.IsEmpty;

    /// <summary>Whether the text is empty. A pair is empty when both of its texts are empty.</summary>
    public bool IsEmpty => IsEmptyText(Json) && string.IsNullOrEmpty(SecondText) && (SecondJson.IsEmpty || IsEmptyText(SecondJson));

    /// <summary>The size in bytes. A second text that this server has created counts one byte per character.</summary>
    public int Size => Json.Length + SecondJson.Length + (SecondText?.Length ?? 0);

    /// <summary>
    /// Creates the options for the tokenizer. A second text that is not part of the request, such as a hypothesis, is never truncated.
    /// </summary>
    public EncodeOptions ToOptions(TextOptions options, int maxTokens) =>
        options is { Truncate: false, HasOffsets: false } ? EncodeOptions.Default : new()
        {
            HasOffsets = options.HasOffsets,
            Truncation = options.Truncate ? new Truncation(maxTokens, Strategy, options.TruncationDirection) : null,
        };

    private TruncationStrategy Strategy => SecondText is null ? TruncationStrategy.LongestFirst : TruncationStrategy.OnlyFirst;

    private static bool IsEmptyText(ReadOnlyMemory<byte> json) => json.Length == "\"\"".Length;
}
