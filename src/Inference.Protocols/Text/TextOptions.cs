using Inference.Models.Settings;
using Inference.Text;

namespace Inference.Protocols.Text;

/// <summary>The options of a request for its texts.</summary>
internal sealed record TextOptions
{
    public static readonly TextOptions Default = new();

    /// <summary>Whether a text that is too long is truncated instead of refused.</summary>
    /// <value>Default: false.</value>
    public bool Truncate { get; init; }

    /// <summary>The side at which a text is truncated.</summary>
    /// <value>Default: the end of a text.</value>
    public TextSide TruncationDirection { get; init; }

    /// <summary>The name of a prompt in the model's settings. The text of that prompt is prepended to each text.</summary>
    /// <value>Default: null, which means the model's default prompt.</value>
    public string? PromptName { get; init; }

    /// <summary>Whether embeddings are scaled to unit vectors.</summary>
    /// <value>Default: null, which means the model's setting.</value>
    public bool? Normalize { get; init; }

    /// <summary>The number of leading values of an embedding to keep. Embeddings are cut before they are normalized.</summary>
    /// <value>Default: null, which means all values.</value>
    public int? Dimensions { get; init; }

    /// <summary>Whether the positions of tokens in their texts are recorded.</summary>
    /// <value>Default: false.</value>
    public bool HasOffsets { get; init; }

    /// <summary>The function that converts outputs to scores.</summary>
    /// <value>Default: null, which means the model's setting.</value>
    public ScoreFunction? Scores { get; init; }
}
