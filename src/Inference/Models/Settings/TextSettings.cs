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

/// <summary>What becomes of the vectors that a model gives for the tokens of a text.</summary>
public enum TextPooling
{
    /// <summary>Their mean over the tokens that are not padding.</summary>
    Mean,

    /// <summary>That of the first token.</summary>
    Cls,

    /// <summary>The answer is the model's own.</summary>
    None,
}

/// <summary>How text becomes the inputs of a model, and its output an embedding. The files lie beside the model file.</summary>
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

    /// <summary>Of BPE only.</summary>
    /// <value>Default: <c>merges.txt</c>.</value>
    public string Merges { get; init; } = "merges.txt";

    /// <summary>The most tokens of one text, with those that a tokenizer puts around it; a longer text is refused.</summary>
    /// <value>Default: 512. 1 to <see cref="MaxMaxTokens"/>.</value>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Of WordPiece only: text is put into lower case, and loses its accents.</summary>
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
