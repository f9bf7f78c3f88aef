using Inference.Models.Settings;
using Inference.Text;

namespace Inference.Protocols.Text;

/// <summary>The options of a request about its texts.</summary>
internal sealed record TextOptions
{
    public static readonly TextOptions Default = new();

    /// <summary>Whether a text that is too long is truncated; otherwise it is refused.</summary>
    /// <value>Default: false.</value>
    public bool Truncate { get; init; }

    /// <summary>The side at which tokens are removed.</summary>
    /// <value>Default: the end of a text.</value>
    public TextSide TruncationDirection { get; init; }

    /// <summary>The name of a prompt in the model's settings, which is put before each text.</summary>
    /// <value>Default: null, the model's default prompt.</value>
    public string? PromptName { get; init; }

    /// <summary>A prompt, which is put before each text.</summary>
    /// <value>Default: null, the prompt of <see cref="PromptName"/>.</value>
    public string? Prompt { get; init; }

    /// <summary>Whether embeddings are scaled to the length 1.</summary>
    /// <value>Default: null, as the model's settings say.</value>
    public bool? Normalize { get; init; }

    /// <summary>The first numbers of an embedding that are kept. They are cut before they are normalized.</summary>
    /// <value>Default: null, all.</value>
    public int? Dimensions { get; init; }

    /// <summary>Whether the places of tokens in their texts are known afterwards.</summary>
    /// <value>Default: no.</value>
    public OffsetUnit Offsets { get; init; }

    /// <summary>How outputs become scores.</summary>
    /// <value>Default: null, as the model's settings say.</value>
    public ScoreFunction? Scores { get; init; }

    /// <summary>Whether scores are the model's own, without softmax or sigmoid.</summary>
    /// <value>Default: false.</value>
    public bool RawScores { get; init; }
}
