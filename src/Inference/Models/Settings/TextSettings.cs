using System.Collections.Immutable;

namespace Inference.Models.Settings;

public enum TokenizerKind
{
    /// <summary>That of a tokenizer.json, the file of Hugging Face's tokenizers.</summary>
    HuggingFace,

    /// <summary>BERT's: a vocabulary with a token a line.</summary>
    WordPiece,

    /// <summary>Byte-level byte-pair encoding, as of GPT-2 and RoBERTa: a vocabulary in JSON, and merges.</summary>
    Bpe,
}

/// <summary>The pooling: how the vectors of a text's tokens become one embedding.</summary>
public enum TextPooling
{
    /// <summary>Their mean over the tokens that are not padding.</summary>
    Mean,

    /// <summary>That of the first token.</summary>
    Cls,

    /// <summary>That of the last token that is not padding.</summary>
    Last,

    /// <summary>The largest number of each dimension over the tokens that are not padding.</summary>
    Max,

    /// <summary>The answer is the model's own.</summary>
    None,
}

/// <summary>The function that makes scores of a classifier's outputs.</summary>
public enum ScoreFunction
{
    /// <summary>The scores of all labels add up to 1.</summary>
    Softmax,

    /// <summary>Each score is between 0 and 1, independent of the others.</summary>
    Sigmoid,

    /// <summary>The scores are the model's outputs.</summary>
    None,
}

/// <summary>
/// Settings for models that take texts: the tokenizer, and the embedding that is made of the output. The files are in the folder of the
/// model file.
/// </summary>
public sealed record TextSettings
{
    public const int MaxMaxTokens = 65_536;

    public static readonly ImmutableSortedDictionary<string, string> NoPrompts =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <value>Default: <see cref="TokenizerKind.HuggingFace"/>.</value>
    public TokenizerKind Tokenizer { get; init; }

    /// <value>Default: <c>tokenizer.json</c> for Hugging Face's, <c>vocab.txt</c> for WordPiece, <c>vocab.json</c> for BPE.</value>
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

    /// <summary>The file with the merges. Used by BPE only.</summary>
    /// <value>Default: <c>merges.txt</c>.</value>
    public string Merges { get; init; } = "merges.txt";

    /// <summary>The most tokens of one text, with those that a tokenizer puts around it; a longer text is refused.</summary>
    /// <value>Default: 512. 1 to <see cref="MaxMaxTokens"/>.</value>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Whether letters are lowered. WordPiece also removes their accents. Not used by BPE.</summary>
    /// <value>Default: false.</value>
    public bool Lowercase { get; init; }

    /// <summary>Whether WordPiece removes accents from letters.</summary>
    /// <value>Default: null, as <see cref="Lowercase"/>.</value>
    public bool? StripsAccents { get; init; }

    /// <summary>Whether each Chinese character is a word to WordPiece.</summary>
    /// <value>Default: true.</value>
    public bool SeparatesChinese { get; init; } = true;

    /// <value>Default: <see cref="TextPooling.Mean"/>.</value>
    public TextPooling Pooling { get; init; }

    /// <summary>
    /// The folders of the dense layers that follow the pooling, in their order, each with a <c>config.json</c> and a
    /// <c>model.safetensors</c>.
    /// </summary>
    /// <value>Default: empty.</value>
    public ImmutableArray<string> Dense { get; init; } = [];

    /// <summary>The texts that may be put before each text of an embedding, by their names.</summary>
    /// <value>Default: empty.</value>
    public ImmutableSortedDictionary<string, string> Prompts { get; init; } = NoPrompts;

    /// <summary>The name of the prompt of a request that names none.</summary>
    /// <value>Default: null, no prompt.</value>
    public string? DefaultPrompt { get; init; }

    /// <summary>How outputs become scores. Used by classification and ranking.</summary>
    /// <value>Default: null, <see cref="ScoreFunction.Sigmoid"/> for one label and <see cref="ScoreFunction.Softmax"/> for several.</value>
    public ScoreFunction? Scores { get; init; }

    /// <summary>Whether a request may have tokens, those of the model's own tokenizer, in place of a text.</summary>
    /// <value>Default: true.</value>
    public bool AcceptTokens { get; init; } = true;

    /// <summary>Embeddings get the length 1.</summary>
    /// <value>Default: false.</value>
    public bool Normalize { get; init; }
}
