using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Tensors;
using Inference.Text;

namespace Inference.Protocols.Text;

/// <summary>
/// Converts texts to tokens according to a model's settings. The files are loaded once per model, and released with the model.
/// </summary>
internal sealed class TextTokenizer
{
    /// <summary>
    /// The maximum size of a text in bytes is this factor times the model's maximum number of tokens. A token of ordinary text has 4 to 5
    /// bytes. The limit leaves room for long words and runs of spaces.
    /// </summary>
    private const int MaxBytesPerToken = 64;

    /// <summary>A text may always have this number of bytes, even if the model accepts only a few tokens.</summary>
    private const int MinByteLimit = 16 * 1024;

    /// <summary>The factor by which the maximum size of a text grows if the request allows truncation.</summary>
    private const int TruncationFactor = 16;

    private static readonly ConditionalWeakTable<Model, Lazy<TextTokenizer>> Loaded = [];

    private static readonly EncodeOptions WithOffsets = new() { HasOffsets = true };
    private static readonly EncodeOptions WithoutSpecialTokens = WithOffsets with { AddSpecialTokens = false };

    private readonly int _maxTokens;

    /// <summary>Whether texts are lowercased before tokenizing, because the tokenizer's own normalizer does not lowercase them.</summary>
    private readonly bool _lowercases;

    private TextTokenizer(Tokenizer tokenizer, ImmutableArray<DenseLayer> dense, TextSettings settings)
    {
        (Tokenizer, Dense, _maxTokens) = (tokenizer, dense, settings.MaxTokens);
        _lowercases = settings is { Tokenizer: TokenizerKind.HuggingFace, Lowercase: true };
        Padding = tokenizer.PaddingId ?? Math.Max(0, Math.Max(tokenizer.IdOf("<pad>"), tokenizer.IdOf("[PAD]")));
    }

    /// <summary>The id with which shorter texts are padded. The attention mask excludes the padding.</summary>
    public int Padding { get; }

    public Tokenizer Tokenizer { get; }

    /// <summary>The layers that follow the pooling of embeddings.</summary>
    public ImmutableArray<DenseLayer> Dense { get; }

    /// <summary>Returns the tokenizer of a model. The first call for a model loads the files.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the model does not accept text. <see cref="InferenceError.ModelUnavailable"/>: its
    /// files cannot be used, or its default prompt is missing.
    /// </exception>
    public static TextTokenizer ForModel(Model model)
    {
        if (model.Text is not { } settings)
            throw CreateNotTextModelError(model);
        return Loaded.GetValue(model, model => new Lazy<TextTokenizer>(() => Load(model, settings))).Value;
    }

    /// <summary>Loads the files that a model needs for texts, if the model accepts texts.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the files cannot be used, the default prompt is missing, or a model that fills masks
    /// returns far fewer scores than the vocabulary has tokens.
    /// </exception>
    public static void EnsureLoaded(Model model)
    {
        if (model.Text is not null)
            TokenScores.ThrowIfTooFewScores(model, ForModel(model).Tokenizer);
    }

    /// <summary>Whether <see cref="ForModel"/> returns at once.</summary>
    public static bool IsLoaded(Model model) => Loaded.TryGetValue(model, out var tokenizer) && tokenizer.IsValueCreated;

    /// <summary>
    /// Advice for clients that send tokens of another tokenizer. Only LangChain sends such tokens by default, so the advice names
    /// LangChain.
    /// </summary>
    private const string SendTexts =
        "Token ids must come from the model's own tokenizer: send texts instead. LangChain's OpenAIEmbeddings does so with "
        + "check_embedding_ctx_length=False.";

    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the model's settings refuse texts that are sent as tokens.
    /// </exception>
    public static void ThrowIfTokensRefused(Model model, string path)
    {
        if (model.Text is { AcceptTokens: false })
        {
            throw InferenceException.InvalidRequest(
                $"{path} has tokens, which model {model.Id.Name} does not accept (\"acceptTokens\" in "
                + $"its {ModelSettings.FileName}). {SendTexts}");
        }
    }

    public static InferenceException CreateNotTextModelError(Model model) =>
        InferenceException.InvalidRequest(
            $"Model {model.Id.Name} accepts {(model is { Image: null, Warnings.IsEmpty: false } ? "only tensors" : "no text")}: "
            + (model.Warnings.IsEmpty ? $"its {ModelSettings.FileName} has no \"text\"." : string.Join(' ', model.Warnings)),
            ErrorReason.WrongTask);

    /// <summary>Reads a text, or the first text of a pair, and cuts off the part that truncation would remove anyway.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the text is too long.</exception>
    public string ReadFirst(in TextEntry entry, TextOptions options, string path) => ReadText(entry.Json.Span, options, path);

    /// <summary>Tokenizes a text that is the first text of several pairs.</summary>
    /// <inheritdoc cref="Encode"/>
    public FirstText TokenizeFirst(string text, EncodeOptions options, string path, CancellationToken cancellationToken) =>
        RunTokenizer(path, () => Tokenizer.TokenizeFirst(ToLowercase(text), options, cancellationToken));

    /// <summary>Returns the tokens of a pair of texts.</summary>
    /// <param name="first">The first text of the pair.</param>
    /// <inheritdoc cref="Encode"/>
    public EncodedText EncodePair(
        FirstText first, in TextEntry entry, TextOptions options, string path, CancellationToken cancellationToken)
    {
        var second = ToLowercase(entry.Hypothesis?.CreateText() ?? ReadText(entry.SecondJson.Span, options, path));
        var encodeOptions = OptionsOf(entry, options);
        var encoded = RunTokenizer(path, () => Tokenizer.Encode(first, second, encodeOptions, cancellationToken));
        return ThrowIfEmptyOrTooLong(encoded, encodeOptions, path);
    }

    /// <summary>Returns the tokens of a text.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the text has no tokens, has too many tokens, or cannot be tokenized.
    /// </exception>
    public EncodedText Encode(string text, EncodeOptions options, string path, CancellationToken cancellationToken) =>
        ThrowIfEmptyOrTooLong(EncodeText(text, options, path, cancellationToken), options, path);

    private EncodedText ThrowIfEmptyOrTooLong(EncodedText encoded, EncodeOptions options, string path)
    {
        if (encoded.Length > _maxTokens)
        {
            throw InferenceException.InvalidRequest(options.Truncation is null
                ? $"{path} has more than the {Counted.Text(_maxTokens, "token")} that the model takes. Send the text in parts, or set "
                    + "\"truncate\" to true where the call supports it."
                : $"{path} has {Counted.Text(encoded.Length, "special token")} of the tokenizer alone; the model takes "
                    + $"{Counted.Text(_maxTokens, "token")}. Increase \"text.maxTokens\" in its {ModelSettings.FileName}.");
        }

        ThrowIfEmpty(encoded.Length, path);
        return encoded;
    }

    public EncodeOptions OptionsOf(in TextEntry entry, TextOptions options) => entry.ToOptions(options, _maxTokens);

    /// <summary>Returns all tokens of a text with their positions, even when there are more than the model accepts.</summary>
    /// <param name="json">The text as a JSON string.</param>
    /// <param name="prompt">The prompt that precedes the text.</param>
    /// <returns>The text with its prompt, and its tokens.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the text is too long or cannot be tokenized.
    /// </exception>
    public (string Text, EncodedText Tokens) Tokenize(
        ReadOnlyMemory<byte> json, string prompt, bool addSpecialTokens, string path, CancellationToken cancellationToken)
    {
        var text = prompt + ReadText(json.Span, TextOptions.Default, path);
        return (text, EncodeText(text, addSpecialTokens ? WithOffsets : WithoutSpecialTokens, path, cancellationToken));
    }

    /// <summary>Appends the tokens of a text that was sent as tokens.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: there are no tokens or too many, or some are not in the vocabulary.
    /// </exception>
    public void AppendTokens(int[] tokens, string path, TensorBuilder builder)
    {
        if (tokens.Length > _maxTokens)
            throw InferenceException.InvalidRequest($"{path} has {tokens.Length} tokens; the model takes {_maxTokens}. Send it in parts.");
        ThrowIfEmpty(tokens.Length, path);
        foreach (var token in tokens)
        {
            if (token >= Tokenizer.VocabularySize)
            {
                throw InferenceException.InvalidRequest(
                    $"{path} has token {token}, but the token ids of the model are 0 to {Tokenizer.VocabularySize - 1}. {SendTexts}");
            }

            builder.Append(token);
        }
    }

    /// <summary>
    /// Reads a text. A limit on its length, in proportion to the model's maximum number of tokens, bounds memory and time.
    /// </summary>
    private string ReadText(ReadOnlySpan<byte> json, TextOptions options, string path)
    {
        // An escape has at most six bytes for one byte of the text: \u0041 is A.
        const int MaxEscape = 6;
        var maxLength = Math.Max(MinByteLimit, MaxBytesPerToken * _maxTokens);
        var limit = options.Truncate ? maxLength * TruncationFactor : maxLength;
        var isEscaped = json.Contains((byte)'\\');
        var bytes = json.Length - 2;
        if (bytes > (isEscaped ? MaxEscape * (long)limit : limit))
            throw CreateTooLongError(path, limit, options);
        var reader = new Utf8JsonReader(json, JsonText.ReaderOptions);
        reader.Read();
        var text = JsonText.ReadString(ref reader, path, json.Length);
        if (isEscaped && Encoding.UTF8.GetByteCount(text) > limit)
            throw CreateTooLongError(path, limit, options);
        return text.Length <= maxLength ? text : Truncate(text, maxLength, options.TruncationDirection);
    }

    /// <summary>Cuts off the part that truncation would remove, because the time of tokenizing grows with the length.</summary>
    private static string Truncate(string text, int length, TextSide side)
    {
        if (side == TextSide.Right)
            return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
        var start = text.Length - length;
        return text[(char.IsLowSurrogate(text[start]) ? start + 1 : start)..];
    }

    private InferenceException CreateTooLongError(string path, int limit, TextOptions options) => InferenceException.InvalidRequest(
        $"{path} is longer than {limit} bytes of UTF-8, the maximum for the {Counted.Text(_maxTokens, "token")} of this model. Send the "
        + $"text in parts{(options.Truncate ? "" : ", or set \"truncate\" to true")}.");

    private static void ThrowIfEmpty(int tokenCount, string path)
    {
        if (tokenCount == 0)
            throw InferenceException.InvalidRequest($"{path} has no tokens. Send at least one word or token.", ErrorReason.EmptyText);
    }

    private string ToLowercase(string text) => _lowercases ? TextCasing.ToLower(text) : text;

    private EncodedText EncodeText(string text, EncodeOptions options, string path, CancellationToken cancellationToken) =>
        RunTokenizer(path, () => Tokenizer.Encode(ToLowercase(text), options, cancellationToken));

    private static T RunTokenizer<T>(string path, Func<T> tokenize)
    {
        try
        {
            return tokenize();
        }
        catch (Exception e) when (e is TokenizerException or TimeoutException)
        {
            throw InferenceException.InvalidRequest($"{path} cannot be tokenized. {e.Message}", ErrorReason.InvalidText);
        }
    }

    private static TextTokenizer Load(Model model, TextSettings settings)
    {
        ThrowIfDefaultPromptMissing(model, settings);
        try
        {
            return new TextTokenizer(LoadTokenizer(model.Folder, settings), DenseLayer.Load(model.Folder, settings), settings);
        }
        catch (Exception e) when (DescribeLoadFailure(e, model, settings) is { } problem)
        {
            throw new InferenceException(InferenceError.ModelUnavailable, problem, e);
        }
    }

    private static void ThrowIfDefaultPromptMissing(Model model, TextSettings settings)
    {
        if (settings.DefaultPrompt is { } prompt && !settings.Prompts.ContainsKey(prompt))
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {model.Id} has no prompt {ProblemText.Quote(prompt)}, which \"text.defaultPrompt\" in "
                + $"its {ModelSettings.FileName} names.{ProblemText.Suggest(prompt, [.. settings.Prompts.Keys])}");
        }
    }

    private static Tokenizer LoadTokenizer(string folder, TextSettings settings)
    {
        var vocabulary = Path.Combine(folder, settings.Vocab);
        return settings.Tokenizer switch
        {
            TokenizerKind.HuggingFace => Tokenizer.Load(vocabulary),
            TokenizerKind.WordPiece => Tokenizer.LoadWordPiece(
                vocabulary, settings.Lowercase, settings.StripsAccents, settings.SeparatesChinese),
            TokenizerKind.Bpe => Tokenizer.LoadBpe(vocabulary, Path.Combine(folder, settings.Merges)),
        };
    }

    /// <summary>Describes why the files of a model cannot be loaded; null when the files are not the cause.</summary>
    private static string? DescribeLoadFailure(Exception failure, Model model, TextSettings settings) => failure switch
    {
        FileNotFoundException when settings.Tokenizer == TokenizerKind.HuggingFace && FindOlderVocabulary(model.Folder) is { } older =>
            $"Model {model.Id} has {older.File} but no {settings.Vocab} beside its file. Set \"text\": {{\"tokenizer\": "
            + $"\"{older.Name}\"}} in its {ModelSettings.FileName}, or add tokenizer.json.",
        InvalidDataException => $"The dense layers of model {model.Id} cannot be loaded: {failure.Message}",
        IOException or UnauthorizedAccessException or TokenizerException =>
            $"The tokenizer of model {model.Id} cannot be loaded from the files beside it ({settings.Vocab}): {failure.Message}",
        _ => null,
    };

    /// <summary>
    /// Finds a folder's vocabulary in a format that is older than tokenizer.json, and the name of the tokenizer that reads it.
    /// </summary>
    private static (string File, string Name)? FindOlderVocabulary(string folder) =>
        File.Exists(Path.Combine(folder, "vocab.txt")) ? ("vocab.txt", "wordpiece")
        : File.Exists(Path.Combine(folder, "vocab.json")) ? ("vocab.json", "bpe")
        : null;
}
