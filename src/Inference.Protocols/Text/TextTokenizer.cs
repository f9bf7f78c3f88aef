using System.Runtime.CompilerServices;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Tensors;
using Microsoft.ML.Tokenizers;

namespace Inference.Protocols.Text;

/// <summary>Makes numbers of text as a model's settings say. The vocabulary is read with the model, and goes with it.</summary>
internal sealed class TextTokenizer
{
    /// <summary>The bytes that a text may have for each token that the model takes. Words have 4 to 5; long words and blanks still fit.</summary>
    private const int BytesOfToken = 64;

    /// <summary>Bytes that every text may have.</summary>
    private const int MinLimit = 16 * 1024;

    private static readonly ConditionalWeakTable<Model, Lazy<TextTokenizer>> Loaded = [];

    private readonly Tokenizer _tokenizer;
    private readonly int _maxTokens;

    /// <summary>What stands before and behind every text.</summary>
    private readonly (int First, int Last)? _around;

    private readonly bool _isUncased;

    /// <summary>Tokens are smaller than this.</summary>
    private readonly int _vocabularySize;

    private TextTokenizer(Tokenizer tokenizer, TextSettings settings, (int First, int Last)? around, int padding, int vocabularySize)
    {
        (_tokenizer, _maxTokens, _around, Padding, _vocabularySize) = (tokenizer, settings.MaxTokens, around, padding, vocabularySize);
        _isUncased = settings is { Tokenizer: TokenizerKind.WordPiece, Lowercase: true };
    }

    /// <summary>What fills up shorter texts; the attention mask has it ignored.</summary>
    public int Padding { get; }

    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the model takes no text; <see cref="InferenceError.ModelUnavailable"/>: its files cannot be used.
    /// </exception>
    public static TextTokenizer Of(Model model)
    {
        if (model.Text is not { } settings)
            throw TakesNoText(model);
        return Loaded.GetValue(model, model => new Lazy<TextTokenizer>(() => Load(model, settings))).Value;
    }

    /// <summary>Reads the files that the texts of a model need, if it takes text.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the files cannot be used.</exception>
    public static void LoadFor(Model model)
    {
        if (model.Text is not null)
            Of(model);
    }

    /// <summary>Whether <see cref="Of"/> returns at once.</summary>
    public static bool IsLoaded(Model model) => Loaded.TryGetValue(model, out var tokenizer) && tokenizer.IsValueCreated;

    /// <summary>Tokens of another tokenizer are the default of one client alone, which is named.</summary>
    private const string SendTexts =
        "Tokens are those of the model's own tokenizer: send texts instead. LangChain's OpenAIEmbeddings does so with "
        + "check_embedding_ctx_length=False.";

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the model's settings refuse texts that come as tokens.</exception>
    public static void ThrowIfRefused(Model model, string path)
    {
        if (model.Text is { AcceptTokens: false })
        {
            throw InferenceException.InvalidRequest(
                $"{path} has tokens, which model {model.Id.Name} does not take (\"acceptTokens\" in its {ModelSettings.FileName}). {SendTexts}");
        }
    }

    public static InferenceException TakesNoText(Model model) =>
        InferenceException.InvalidRequest($"Model {model.Id.Name} takes no text: its {ModelSettings.FileName} has no \"text\".");

    /// <summary>Appends the tokens of a text.</summary>
    /// <param name="json">The text as a JSON string.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: it is too long.</exception>
    public void Encode(ReadOnlyMemory<byte> json, string path, TensorBuilder tokens)
    {
        var text = ReadText(json.Span, path);
        if (_isUncased)
            text = Accents.Remove(text.ToLowerInvariant());
        var own = _around is null ? 0 : 2;
        // One more than there may be is enough to see that there are too many.
        var most = Math.Max(1, _maxTokens - own + 1);
        var ids = _tokenizer.EncodeToIds(text, most, out _, out _, considerPreTokenization: true, considerNormalization: true);
        if (ids.Count + own > _maxTokens)
            throw InferenceException.InvalidRequest($"{path} has more than the {_maxTokens} tokens that the model takes. Send it in parts.");
        if (_around is var (first, _))
            tokens.Append(first);
        foreach (var id in ids)
            tokens.Append(id);
        if (_around is var (_, last))
            tokens.Append(last);
        ThrowIfEmpty(ids.Count + own, path);
    }

    /// <summary>Appends the tokens of a text that comes as tokens.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: there are too many, or some are not of the vocabulary.</exception>
    public void Take(int[] text, string path, TensorBuilder tokens)
    {
        if (text.Length > _maxTokens)
            throw InferenceException.InvalidRequest($"{path} has {text.Length} tokens; the model takes {_maxTokens}. Send it in parts.");
        ThrowIfEmpty(text.Length, path);
        foreach (var token in text)
        {
            if (token >= _vocabularySize)
            {
                throw InferenceException.InvalidRequest(
                    $"{path} has token {token}, but the vocabulary of the model has {_vocabularySize} tokens, from 0. {SendTexts}");
            }

            tokens.Append(token);
        }
    }

    /// <summary>No text of so many tokens is much longer: the memory and the time for it are bounded by what the model takes.</summary>
    private string ReadText(ReadOnlySpan<byte> json, string path)
    {
        // An escaped character has six bytes.
        const int MaxEscape = 6;
        var limit = Math.Max(MinLimit, BytesOfToken * _maxTokens);
        var isEscaped = json.Contains((byte)'\\');
        var bytes = json.Length - 2;
        if (bytes > (isEscaped ? MaxEscape * (long)limit : limit))
            throw TooLong(path, limit);
        var reader = new Utf8JsonReader(json, JsonText.ReaderOptions);
        reader.Read();
        var text = JsonText.ReadString(ref reader, path, json.Length);
        return text.Length <= limit ? text : throw TooLong(path, limit);
    }

    private InferenceException TooLong(string path, int limit) => InferenceException.InvalidRequest(
        $"{path} is longer than {limit} bytes; a text of a model of {_maxTokens} tokens may not be. Send it in parts.");

    private static void ThrowIfEmpty(int tokens, string path)
    {
        if (tokens == 0)
            throw InferenceException.InvalidRequest($"{path} has no tokens.");
    }

    private static TextTokenizer Load(Model model, TextSettings settings)
    {
        try
        {
            return settings.Tokenizer == TokenizerKind.WordPiece ? LoadWordPiece(model, settings) : LoadBpe(model, settings);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or ArgumentException or FormatException or InvalidOperationException)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable, $"The tokenizer of model {model.Id} cannot be loaded from the files beside it ({settings.Vocab}): {e.Message}", e);
        }
    }

    private static TextTokenizer LoadWordPiece(Model model, TextSettings settings)
    {
        var options = new BertOptions { LowerCaseBeforeTokenization = settings.Lowercase, RemoveNonSpacingMarks = settings.Lowercase };
        var path = Path.Combine(model.Folder, settings.Vocab);
        var tokenizer = BertTokenizer.Create(path, options);
        var around = (tokenizer.ClassificationTokenId, tokenizer.SeparatorTokenId);
        return new TextTokenizer(tokenizer, settings, around, tokenizer.PaddingTokenId, File.ReadLines(path).Count());
    }

    private static TextTokenizer LoadBpe(Model model, TextSettings settings)
    {
        var vocabulary = BpeFiles.ReadVocabulary(Path.Combine(model.Folder, settings.Vocab));
        var options = new BpeOptions(vocabulary)
        {
            Merges = BpeFiles.ReadMerges(Path.Combine(model.Folder, settings.Merges)),
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(BpeFiles.Words(), specialTokens: null),
        };
        (int, int)? around = vocabulary.TryGetValue("<s>", out var first) && vocabulary.TryGetValue("</s>", out var last) ? (first, last) : null;
        var size = vocabulary.Values.DefaultIfEmpty(-1).Max() + 1;
        return new TextTokenizer(BpeTokenizer.Create(options), settings, around, vocabulary.GetValueOrDefault("<pad>"), size);
    }
}
