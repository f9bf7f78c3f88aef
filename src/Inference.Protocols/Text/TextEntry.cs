using Inference.Text;

namespace Inference.Protocols.Text;

/// <summary>A text of a request, or a pair of texts.</summary>
/// <param name="Json">The text as a JSON string.</param>
/// <param name="SecondJson">The second text of a pair as a JSON string; empty when the request does not contain it.</param>
/// <param name="Hypothesis">The second text of a pair in zero-shot classification; otherwise null.</param>
internal readonly record struct TextEntry(
    ReadOnlyMemory<byte> Json, ReadOnlyMemory<byte> SecondJson = default, Hypothesis? Hypothesis = null)
{
    public bool IsPair => Hypothesis is not null || !SecondJson.IsEmpty;

    /// <summary>Whether the text is empty. A pair is empty when both of its texts are empty.</summary>
    public bool IsEmpty => IsEmptyText(Json) && Hypothesis is null && (SecondJson.IsEmpty || IsEmptyText(SecondJson));

    /// <summary>The size in bytes. A hypothesis counts one byte per character.</summary>
    public int Size => Json.Length + SecondJson.Length + (Hypothesis?.Length ?? 0);

    /// <summary>Creates the options for the tokenizer. A hypothesis is never truncated.</summary>
    public EncodeOptions ToOptions(TextOptions options, int maxTokens) =>
        options is { Truncate: false, HasOffsets: false } ? EncodeOptions.Default : new()
        {
            HasOffsets = options.HasOffsets,
            Truncation = options.Truncate ? new Truncation(maxTokens, Strategy, options.TruncationDirection) : null,
        };

    private TruncationStrategy Strategy => Hypothesis is null ? TruncationStrategy.LongestFirst : TruncationStrategy.OnlyFirst;

    private static bool IsEmptyText(ReadOnlyMemory<byte> json) => json.Length == "\"\"".Length;
}
