using System.Runtime.CompilerServices;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Microsoft.ML.Tokenizers;

namespace Inference.Protocols.Text;

/// <summary>Makes numbers of text as a model's settings say. The first text loads the vocabulary, which goes with the loaded model.</summary>
internal sealed class TextTokenizer
{
    private static readonly ConditionalWeakTable<Model, Lazy<TextTokenizer>> Loaded = [];

    private readonly Tokenizer _tokenizer;
    private readonly int _maxTokens;

    /// <summary>What stands before and behind every text.</summary>
    private readonly (int First, int Last)? _around;

    private readonly bool _isUncased;

    private TextTokenizer(Tokenizer tokenizer, TextSettings settings, (int First, int Last)? around, int padding)
    {
        (_tokenizer, _maxTokens, _around, Padding) = (tokenizer, settings.MaxTokens, around, padding);
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
            throw InferenceException.InvalidRequest($"Model {model.Id.Name} takes no text: its {ModelSettings.FileName} has no \"text\".");
        return Loaded.GetValue(model, model => new Lazy<TextTokenizer>(() => Load(model, settings))).Value;
    }

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: it has too many tokens.</exception>
    public IReadOnlyList<int> Encode(string text, string path)
    {
        if (_isUncased)
            text = Accents.Remove(text.ToLowerInvariant());
        var tokens = _tokenizer.EncodeToIds(text, considerPreTokenization: true, considerNormalization: true);
        if (_around is var (first, last))
            tokens = [first, .. tokens, last];
        Check(tokens.Count, path);
        return tokens;
    }

    public void Check(int tokens, string path)
    {
        if (tokens > _maxTokens)
            throw InferenceException.InvalidRequest($"{path} has {tokens} tokens; the model takes {_maxTokens}. Send it in parts.");
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
        var tokenizer = BertTokenizer.Create(Path.Combine(model.Folder, settings.Vocab), options);
        return new TextTokenizer(tokenizer, settings, (tokenizer.ClassificationTokenId, tokenizer.SeparatorTokenId), tokenizer.PaddingTokenId);
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
        return new TextTokenizer(BpeTokenizer.Create(options), settings, around, vocabulary.GetValueOrDefault("<pad>"));
    }
}
