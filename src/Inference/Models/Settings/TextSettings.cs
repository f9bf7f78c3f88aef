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

    /// <summary>The answer is the model's own.</summary>
    None,
}

/// <summary>
/// Settings for models that take texts: the tokenizer, and the embedding that is made of the output. The files are in the folder of the
/// model file.
/// </summary>
public sealed record TextSettings
{
    public const int MaxMaxTokens = 65_536;

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

    /// <summary>Whether letters are lowered and accents removed. Used by WordPiece only.</summary>
    /// <value>Default: false.</value>
    public bool Lowercase { get; init; }

    /// <value>Default: <see cref="TextPooling.Mean"/>.</value>
    public TextPooling Pooling { get; init; }

    /// <summary>Whether a request may have tokens, those of the model's own tokenizer, in place of a text.</summary>
    /// <value>Default: true.</value>
    public bool AcceptTokens { get; init; } = true;

    /// <summary>Embeddings get the length 1.</summary>
    /// <value>Default: false.</value>
    public bool Normalize { get; init; }
}
