using Inference.Text.Normalization;
using Inference.Text.PostProcessing;
using Inference.Text.Reading;

namespace Inference.Text;

/// <summary>
/// Encodes texts as token ids and decodes ids to text, with the same results as Hugging Face's tokenizers library for the same files. A
/// tokenizer is thread-safe. Time and memory grow at most with n log n, where n is the length of the text. Some regular expressions take
/// longer, up to a time limit.
/// </summary>
public sealed class Tokenizer
{
    private readonly TokenizerComponents _components;

    internal Tokenizer(TokenizerComponents components) => _components = components;

    /// <summary>The id of the padding token; null when the tokenizer's files specify none.</summary>
    public int? PaddingId => _components.PaddingId;

    /// <summary>One more than the largest token id.</summary>
    public int VocabularySize => _components.Added.End;

    /// <summary>The id of the token for unknown words or characters; -1 if there is none.</summary>
    public int UnknownId => _components.Model.Unknown;

    /// <summary>The prefix of the tokens that continue a word, such as ##; empty if the vocabulary does not mark them.</summary>
    public string ContinuationPrefix => _components.Model.Prefix;

    /// <summary>Loads a tokenizer.json.</summary>
    /// <exception cref="TokenizerException">The file cannot be used, or has an unsupported part, which the message names.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tokenizer Load(string path) => TokenizerJson.Read(path);

    /// <summary>Loads the tokenizer of BERT from a vocab.txt in UTF-8.</summary>
    /// <param name="path">The file: one token in each line.</param>
    /// <param name="lowercase">Whether to lowercase letters, as "uncased" models require.</param>
    /// <param name="stripsAccents">Whether to remove accents. Default: <paramref name="lowercase"/>.</param>
    /// <param name="separatesChinese">Whether each Chinese character is a word.</param>
    /// <exception cref="TokenizerException">The vocabulary lacks [UNK], [CLS] or [SEP], or the file is not in UTF-8.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tokenizer LoadWordPiece(
        string path, bool lowercase, bool? stripsAccents = null, bool separatesChinese = true) =>
        VocabularyFiles.ReadWordPiece(path, new BertNormalizer(
            cleansText: true, separatesChinese, stripsAccents ?? lowercase, lowercase));

    /// <summary>Loads the tokenizer of GPT-2 or RoBERTa from its vocab.json and merges.txt.</summary>
    /// <exception cref="TokenizerException">The files cannot be used.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static Tokenizer LoadBpe(string vocabularyPath, string mergesPath) => VocabularyFiles.ReadBpe(vocabularyPath, mergesPath);

    /// <summary>Encodes a text. Unpaired surrogates count as U+FFFD.</summary>
    /// <param name="options">Null for <see cref="EncodeOptions.Default"/>.</param>
    /// <exception cref="TokenizerException">
    /// The text has a character without a token, cannot be truncated as requested, or becomes too long when it is normalized.
    /// </exception>
    /// <exception cref="TimeoutException">A regular expression of the tokenizer takes too long for the text.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public EncodedText Encode(string text, EncodeOptions? options = null, CancellationToken cancellationToken = default) =>
        Encode(text, pair: null, options, cancellationToken);

    /// <summary>Encodes a text or a pair of texts.</summary>
    /// <param name="pair">The second text; null for a single text.</param>
    /// <inheritdoc cref="Encode(string, EncodeOptions?, CancellationToken)"/>
    public EncodedText Encode(string text, string? pair, EncodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= EncodeOptions.Default;
        return Encode(Tokenize(text, typeId: 0, options, cancellationToken), pair, options, cancellationToken);
    }

    /// <summary>Tokenizes a text that is the first text of several pairs. The pairs reuse its tokens.</summary>
    /// <param name="options">The options of the pairs.</param>
    /// <inheritdoc cref="Encode(string, EncodeOptions?, CancellationToken)"/>
    public FirstText TokenizeFirst(string text, EncodeOptions options, CancellationToken cancellationToken = default) =>
        new(Tokenize(text, typeId: 0, options, cancellationToken));

    /// <summary>Encodes a pair of texts, of which the first is tokenized already.</summary>
    /// <inheritdoc cref="Encode(string, string?, EncodeOptions?, CancellationToken)"/>
    public EncodedText Encode(FirstText text, string pair, EncodeOptions options, CancellationToken cancellationToken = default) =>
        Encode(text.Tokens.Copy(), pair, options, cancellationToken);

    private EncodedText Encode(EncodedTokens first, string? pair, EncodeOptions options, CancellationToken cancellationToken)
    {
        var texts = new List<EncodedTokens> { first };
        if (pair is not null)
            texts.Add(Tokenize(pair, typeId: 1, options, cancellationToken));
        if (options.Truncation is { } truncation)
        {
            var addedCount = options.AddSpecialTokens ? _components.PostProcessor?.CountSpecialTokens(pair is not null) ?? 0 : 0;
            Truncator.Truncate(texts, truncation, truncation.MaxLength - addedCount);
        }

        _components.PostProcessor?.Process(texts, options.AddSpecialTokens);
        for (var index = 1; index < texts.Count; index++)
            texts[0].Append(texts[index]);
        return new EncodedText(texts[0]);
    }

    /// <summary>Decodes ids to a text. Ids without a token are skipped.</summary>
    /// <param name="skipSpecialTokens">Whether to skip special tokens.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (TokenOf(id) is { } token && !(skipSpecialTokens && _components.Added.IsSpecial(token)))
                tokens.Add(token);
        }

        return Join(tokens);
    }

    /// <summary>Decodes tokens to a text.</summary>
    /// <param name="tokens">The tokens as they are in the vocabulary.</param>
    public string Join(IEnumerable<string> tokens) =>
        _components.Decoder is { } decoder ? string.Concat(decoder.Decode([.. tokens])) : string.Join(' ', tokens);

    /// <summary>Returns the token of an id; null when there is none.</summary>
    public string? TokenOf(int id) => _components.Added.TokenOf(id) ?? _components.Model.TokenOf(id);

    /// <summary>Returns the id of a token; -1 when there is none.</summary>
    public int IdOf(string token) => _components.Added.IdOf(token, _components.Model);

    /// <summary>Whether a token is one of the special tokens in the tokenizer's files, such as [MASK].</summary>
    public bool IsSpecial(string token) => _components.Added.IsSpecial(token);

    private EncodedTokens Tokenize(string original, byte typeId, EncodeOptions options, CancellationToken cancellationToken)
    {
        var tracksOrigin = options.HasOffsets || _components.PreTokenizer is { NeedsOrigin: true };
        using var text = new WorkingText(original, tracksOrigin, cancellationToken);
        _components.Added.SplitOriginal(text);
        _components.Normalizer?.Normalize(text);
        _components.Added.SplitNormalized(text);
        _components.PreTokenizer?.PreTokenize(text);
        var tokens = new TokenList(text);
        foreach (var piece in text.Pieces)
        {
            text.ThrowIfCancelled(piece.Length);
            if (piece.IsText)
                _components.Model.Tokenize(text.TextOf(piece), piece.Start, tokens);
            else
                tokens.Add(piece.Token, piece.Start, piece.End);
        }

        return EncodedTokens.FromTokens(tokens, text, typeId, options.HasOffsets);
    }
}
