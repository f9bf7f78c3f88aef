using System.Collections.Immutable;

namespace Inference.Models.Settings;

/// <summary>The algorithm and the file format of a tokenizer.</summary>
public enum TokenizerKind
{
    /// <summary>A tokenizer.json, the file format of Hugging Face's tokenizers.</summary>
    HuggingFace,

    /// <summary>BERT's tokenizer: a vocabulary with one token per line.</summary>
    WordPiece,

    /// <summary>Byte-level byte-pair encoding, as in GPT-2 and RoBERTa: a vocabulary in JSON, and merges.</summary>
    Bpe,
}

/// <summary>The function that combines the vectors of a text's tokens into one embedding.</summary>
public enum TextPooling
{
    /// <summary>The mean over the tokens that are not padding.</summary>
    Mean,

    /// <summary>The vector of the first token.</summary>
    Cls,

    /// <summary>The vector of the last token that is not padding.</summary>
    Last,

    /// <summary>The largest value of each dimension over the tokens that are not padding.</summary>
    Max,

    /// <summary>No pooling: the model's output is the embedding.</summary>
    None,
}

/// <summary>The function that converts a classifier's outputs to scores.</summary>
public enum ScoreFunction
{
    /// <summary>The scores of all labels add up to 1.</summary>
    Softmax,

    /// <summary>Each score is between 0 and 1, independent of the other scores.</summary>
    Sigmoid,

    /// <summary>The scores are the model's outputs.</summary>
    None,
}

/// <summary>
/// Settings for models that accept texts: the tokenizer, and the conversion of outputs to embeddings or scores. The files are in the folder
/// of the model file. Compared by value.
/// </summary>
public sealed record TextSettings
{
    /// <summary>The largest value of <see cref="MaxTokens"/>.</summary>
    public const int MaxTokensLimit = 65_536;

    public static readonly ImmutableSortedDictionary<string, string> NoPrompts =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The algorithm and the file format of the tokenizer.</summary>
    /// <value>Default: <see cref="TokenizerKind.HuggingFace"/>.</value>
    public TokenizerKind Tokenizer { get; init; }

    /// <summary>The file with the vocabulary.</summary>
    /// <value>Default: <c>tokenizer.json</c> for Hugging Face, <c>vocab.txt</c> for WordPiece, <c>vocab.json</c> for BPE.</value>
    public string Vocab
    {
        get => field ?? Tokenizer switch
        {
            TokenizerKind.HuggingFace => "tokenizer.json",
            TokenizerKind.WordPiece => "vocab.txt",
            TokenizerKind.Bpe => "vocab.json",
        };
        init;
    }

    /// <summary>The file with the merges. Only BPE uses merges.</summary>
    /// <value>Default: <c>merges.txt</c>.</value>
    public string Merges { get; init; } = "merges.txt";

    /// <summary>The maximum number of tokens of one text, including those that the tokenizer adds. A longer text is refused.</summary>
    /// <value>Default: 512. 1 to <see cref="MaxTokensLimit"/>.</value>
    public int MaxTokens { get; init; } = 512;

    /// <summary>
    /// Whether letters are converted to lower case. By default, WordPiece then also removes accents. BPE ignores this setting.
    /// </summary>
    /// <value>Default: false.</value>
    public bool Lowercase { get; init; }

    /// <summary>Whether WordPiece removes accents from letters.</summary>
    /// <value>Default: null, which means the value of <see cref="Lowercase"/>.</value>
    public bool? StripsAccents { get; init; }

    /// <summary>Whether WordPiece treats each Chinese character as a word.</summary>
    /// <value>Default: true.</value>
    public bool SeparatesChinese { get; init; } = true;

    /// <summary>The function that combines the vectors of tokens into one embedding.</summary>
    /// <value>Default: <see cref="TextPooling.Mean"/>.</value>
    public TextPooling Pooling { get; init; }

    /// <summary>
    /// The folders of the dense layers that follow the pooling, in their order, each with a <c>config.json</c> and a
    /// <c>model.safetensors</c>.
    /// </summary>
    /// <value>Default: empty.</value>
    public ImmutableArray<string> Dense { get; init; } = [];

    /// <summary>The prompts that may precede each text of an embedding, by name.</summary>
    /// <value>Default: empty.</value>
    public ImmutableSortedDictionary<string, string> Prompts { get; init; } = NoPrompts;

    /// <summary>The name of the prompt for requests that name none.</summary>
    /// <value>Default: null, which means no prompt.</value>
    public string? DefaultPrompt { get; init; }

    /// <summary>The function that converts outputs to scores, for classification and ranking.</summary>
    /// <value>
    /// Default: null, which means <see cref="ScoreFunction.Sigmoid"/> for one label and <see cref="ScoreFunction.Softmax"/> for several.
    /// </value>
    public ScoreFunction? Scores { get; init; }

    /// <summary>Whether a request may contain tokens of the model's own tokenizer instead of a text.</summary>
    /// <value>Default: true.</value>
    public bool AcceptTokens { get; init; } = true;

    /// <summary>Whether embeddings are scaled to unit vectors.</summary>
    /// <value>Default: false.</value>
    public bool Normalize { get; init; }

    /// <summary>
    /// The token that stands for a word to be filled in. Only the files of a Hugging Face folder name the token, not <c>model.json</c>.
    /// </summary>
    /// <value>Default: null, which means the token <c>[MASK]</c> or <c>&lt;mask&gt;</c> of the vocabulary.</value>
    public string? MaskToken { get; init; }

    /// <summary>
    /// The token for unknown words. Only the files of a Hugging Face folder name the token, not <c>model.json</c>. The token does not
    /// change how texts are tokenized.
    /// </summary>
    /// <value>Default: null, which means the unknown token of the tokenizer.</value>
    public string? UnknownToken { get; init; }

    public bool Equals(TextSettings? other) =>
        other is not null
        && (Tokenizer, Vocab, Merges, MaxTokens, Lowercase, StripsAccents, SeparatesChinese)
        == (other.Tokenizer, other.Vocab, other.Merges, other.MaxTokens, other.Lowercase, other.StripsAccents, other.SeparatesChinese)
        && (Pooling, DefaultPrompt, Scores, AcceptTokens, Normalize)
        == (other.Pooling, other.DefaultPrompt, other.Scores, other.AcceptTokens, other.Normalize)
        && (MaskToken, UnknownToken) == (other.MaskToken, other.UnknownToken)
        && Dense.SequenceEqual(other.Dense) && Prompts.SequenceEqual(other.Prompts);

    public override int GetHashCode() => HashCode.Combine(Tokenizer, Vocab, MaxTokens, Pooling);
}
