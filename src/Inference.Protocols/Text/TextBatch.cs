using System.Globalization;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Json.BareWords;
using Inference.Requests;
using Inference.Tensors;
using Inference.Text;

namespace Inference.Protocols.Text;

/// <summary>
/// The texts of one request. Their tokens become the model's inputs, padded to one length. The texts stay in the body, as JSON strings,
/// until they are tokenized one by one.
/// </summary>
/// <param name="path">The path of the texts in the request.</param>
internal sealed class TextBatch(string path)
{
    /// <summary>The maximum number of texts of one request, as in OpenAI's embeddings call.</summary>
    public const int MaxTexts = 2048;

    /// <summary>
    /// The maximum number of tokens of all texts, including their padding. One long text among many short ones makes a tensor far larger
    /// than the request.
    /// </summary>
    public const int MaxPaddedTokens = 4 * 1024 * 1024;

    /// <summary>The maximum size in bytes of the texts that the calling thread tokenizes. They take at most half a millisecond.</summary>
    private const int MaxBytesOnCaller = 2048;

    private readonly List<TextEntry> _texts = [];
    private readonly List<int[]> _tokens = [];
    private int[] _lengths = [];
    private EncodedText[] _encoded = [];
    private string[] _keptTexts = [];

    /// <summary>The first text of the last pair with its tokens. The next pair reuses the tokens if it has the same first text.</summary>
    private (ReadOnlyMemory<byte> Json, FirstText Tokens)? _first;
    /// <summary>The size of all texts in bytes. This size decides whether the calling thread tokenizes the texts.</summary>
    private long _bytes;

    /// <summary>The options of the request. Set them before the inputs are created.</summary>
    public TextOptions Options { get; set; } = TextOptions.Default;

    /// <summary>Whether each text and its tokens are kept for the response.</summary>
    public bool KeepsTokens { get; init; }

    /// <summary>Whether an empty text is refused, as in Text Embeddings Inference.</summary>
    public bool RefusesEmpty { get; init; }

    /// <summary>The path of the last text, if it is not in the array of the other texts. Set the path after all texts were added.</summary>
    public string? PathOfLast { get; set; }

    /// <summary>
    /// The number of consecutive rows of the inputs that belong to one text of the request: one, or one per candidate label.
    /// </summary>
    public int RowsPerText { get; init; } = 1;

    public int Count => _texts.Count + _tokens.Count;

    /// <summary>Whether the request has one text, as a string or a list of tokens, instead of an array of texts.</summary>
    public bool IsSingle { get; set; }

    public bool HasTexts => _texts.Count > 0;

    public bool HasTokens => _tokens.Count > 0;

    /// <summary>Returns the number of tokens of a row's text, without padding. Call this method after the inputs were created.</summary>
    public int TokenCountOf(int row) => _lengths[row];

    /// <summary>
    /// Returns the tokens of a row's text. Call this method after the inputs were created, if the batch <see cref="KeepsTokens"/>.
    /// </summary>
    public EncodedText TokensOf(int row) => _encoded[row];

    /// <summary>Returns the text of a row as a JSON string, a slice of the request's body. The body must not have changed.</summary>
    public ReadOnlySpan<byte> JsonOf(int row) => _texts[row].Json.Span;

    /// <summary>
    /// Returns the text of a row. Call this method after the inputs were created, if the batch <see cref="KeepsTokens"/>.
    /// </summary>
    public string TextOf(int row) => _keptTexts[row];

    public int TokenCount => _lengths.Sum();

    /// <summary>Returns the current text of the reader, as a JSON string.</summary>
    /// <param name="body">The body that the reader reads. The body must not change until the inputs are created.</param>
    /// <param name="path">The path of the text in the request.</param>
    public static ReadOnlyMemory<byte> ReadText(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, string path)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw JsonText.CreateUnexpectedTokenError(reader.TokenType, path, "a string");
        if (reader.ValueIsEscaped && NonFiniteWords.IsBareWord(reader.ValueSpan))
            throw InferenceException.InvalidRequest($"{path} is a bare {reader.GetString()}; a string is expected.");
        // The slice includes the quotes. The value of an empty string is an empty span, which overlaps nothing.
        return body.Span.Overlaps(reader.ValueSpan, out var start)
            ? body.Slice(start - 1, reader.ValueSpan.Length + 2)
            : "\"\""u8.ToArray();
    }

    /// <summary>Adds the current text of the reader.</summary>
    /// <param name="body">The body that the reader reads. The body must not change until the inputs are created.</param>
    public void AddText(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body) =>
        Add(new TextEntry(ReadText(ref reader, body, PathOf(Count))));

    /// <summary>The path of the query that is the first text of every pair; null for other batches.</summary>
    public string? QueryPath { get; init; }

    /// <summary>Adds one pair for each text: the query and the text. Both are JSON strings from <see cref="ReadText"/>.</summary>
    public void AddPairs(ReadOnlyMemory<byte> query, IEnumerable<ReadOnlyMemory<byte>> texts)
    {
        foreach (var text in texts)
            Add(new TextEntry(query, text));
    }

    /// <summary>Adds a text or a pair of texts.</summary>
    public void Add(TextEntry text)
    {
        ThrowIfFull(Count, path);
        if (RefusesEmpty && text.IsEmpty)
            throw InferenceException.InvalidRequest($"{PathOf(Count)} is empty; a text is expected.", ErrorReason.EmptyText);
        _texts.Add(text);
        _bytes += text.Size;
    }

    /// <summary>Adds a text that was sent as tokens.</summary>
    public void AddTokens(int[] tokens)
    {
        ThrowIfFull(Count, path);
        _tokens.Add(tokens);
    }

    /// <summary>
    /// Adds the inputs made from the texts to a request: at once when the texts are short, otherwise as part of the request's work.
    /// </summary>
    public void AddTo(PredictionRequest request, Model model)
    {
        if (model.Text is null)
            throw TextTokenizer.CreateNotTextModelError(model);
        if (Count == 0)
            throw InferenceException.InvalidRequest($"{path} has no texts. Send at least one.", ErrorReason.EmptyText);
        if (HasTokens)
        {
            TextTokenizer.ThrowIfTokensRefused(model, path);
            request.Charge(_tokens.Sum(static tokens => tokens.Length) * sizeof(int));
        }

        if (_bytes <= MaxBytesOnCaller && TextTokenizer.IsLoaded(model))
            CreateInputs(request, model, CancellationToken.None);
        else
            request.RemainingWork = (request, cancellationToken) => CreateInputs(request, model, cancellationToken);
    }

    /// <summary>Returns the path of a row's text in the request.</summary>
    public string PathOf(int index) =>
        IsSingle ? path
        : index == Count - 1 && PathOfLast is not null ? PathOfLast
        : string.Create(CultureInfo.InvariantCulture, $"{path}[{index / RowsPerText}]");

    private void CreateInputs(PredictionRequest request, Model model, CancellationToken cancellationToken)
    {
        var tokenizer = TextTokenizer.ForModel(model);
        using var tokens = new TensorBuilder(ElementType.Int32);
        using var types = HasTexts && model.Signature.IndexOfInput(TokenInput.Types) >= 0 ? new TensorBuilder(ElementType.UInt8) : null;
        _lengths = new int[Count];
        (_encoded, _keptTexts) = KeepsTokens ? (new EncodedText[Count], new string[Count]) : ([], []);
        var prompt = TextPrompts.Find(model, Options);
        for (var row = 0; row < _lengths.Length; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = tokens.Count;
            if (HasTexts)
                Append(Encode(tokenizer, row, prompt, cancellationToken), tokens, types);
            else
                tokenizer.AppendTokens(_tokens[row], PathOf(row), tokens);
            _lengths[row] = (int)(tokens.Count - before);
            // Padding makes each text at least as long as this one, so the limit is checked before the rest is tokenized.
            ThrowIfTooLarge(row + 1, _lengths[row]);
        }

        using var all = tokens.Build(new Shape(tokens.Count));
        using var allTypes = types?.Build(new Shape(types.Count));
        foreach (var input in model.Signature.Inputs)
        {
            var tensor = CreateInput(input, all.Values<int>(), allTypes is null ? default : allTypes.Values<byte>(), tokenizer.Padding);
            request.Inputs.Add(new RequestInput(input.Name, tensor, path));
        }

        if (CanRunSeparately(model.Signature))
            request.RowLengths = [.. _lengths];
    }

    private EncodedText Encode(TextTokenizer tokenizer, int row, string prompt, CancellationToken cancellationToken)
    {
        var (entry, path) = (_texts[row], PathOf(row));
        if (entry.IsPair)
            return EncodePair(tokenizer, entry, path, prompt, cancellationToken);
        var text = tokenizer.ReadFirst(entry, Options, path);
        var encoded = tokenizer.Encode(prompt + text, tokenizer.OptionsOf(entry, Options), path, cancellationToken);
        if (KeepsTokens)
            (_keptTexts[row], _encoded[row]) = (text, encoded);
        return encoded;
    }

    /// <summary>Tokenizes a pair. If consecutive pairs have the same first text, that text is tokenized only once.</summary>
    private EncodedText EncodePair(
        TextTokenizer tokenizer, TextEntry entry, string path, string prompt, CancellationToken cancellationToken)
    {
        if (_first is not { } first || !first.Json.Equals(entry.Json))
        {
            var text = prompt + tokenizer.ReadFirst(entry, Options, QueryPath ?? path);
            var tokens = tokenizer.TokenizeFirst(text, tokenizer.OptionsOf(entry, Options), QueryPath ?? path, cancellationToken);
            _first = first = (entry.Json, tokens);
        }

        return tokenizer.EncodePair(first.Tokens, entry, Options, path, cancellationToken);
    }

    private static void Append(EncodedText text, TensorBuilder tokens, TensorBuilder? types)
    {
        foreach (var id in text.Ids)
            tokens.Append(id);
        foreach (var type in types is null ? default : text.TypeIds)
            types!.Append(type);
    }

    /// <summary>Whether the texts have different lengths, and the model can run each length separately, without padding.</summary>
    private bool CanRunSeparately(ModelSignature signature) =>
        signature.Inputs.All(input => input.Shape[1] == Shape.Dynamic)
        && Array.Exists(_lengths, length => length != _lengths[0])
        // Without a mask, the model would read padding as content. So the lengths run separately, whatever shapes the outputs have.
        && (signature.IndexOfInput(TokenInput.Mask) < 0 || signature.Outputs.All(output => output.Shape.Rank > 0));

    /// <param name="types">Empty for texts that were sent as tokens: all of their token types are 0.</param>
    private Tensor CreateInput(TensorSpec input, ReadOnlySpan<int> tokens, ReadOnlySpan<byte> types, int padding)
    {
        var longest = _lengths.Max();
        var length = input.Shape[1] == Shape.Dynamic ? longest : (int)input.Shape[1];
        if (length < longest)
        {
            throw InferenceException.InvalidRequest(
                $"{PathOf(Array.IndexOf(_lengths, longest))} has {longest} tokens; the model takes {length}. Send it in parts.");
        }

        ThrowIfTooLarge(_lengths.Length, length);
        var tensor = Tensor.Rent(input.Type, new Shape(_lengths.Length, length));
        for (var row = 0; row < _lengths.Length; row++)
        {
            var text = tokens[.._lengths[row]];
            tokens = tokens[text.Length..];
            var textTypes = types.IsEmpty ? default : types[..text.Length];
            types = types[textTypes.Length..];
            for (var column = 0; column < length; column++)
                Set(tensor, (row * length) + column, GetValue(input.Name, text, textTypes, column, padding));
        }

        return tensor;
    }

    /// <summary>Throws when the request cannot have another text.</summary>
    /// <param name="count">The number of texts so far.</param>
    /// <param name="path">The path of the texts in the request.</param>
    public static void ThrowIfFull(int count, string path)
    {
        if (count == MaxTexts)
        {
            throw InferenceException.InvalidRequest(
                $"{path} has more than {MaxTexts} texts, the maximum of one request. Send them in parts.", ErrorReason.TooManyTexts);
        }
    }

    private void ThrowIfTooLarge(int count, int length)
    {
        if ((long)count * length > MaxPaddedTokens)
        {
            throw InferenceException.InvalidRequest(
                $"{path} has {Counted.Text(count, "text")}, padded to {length} tokens each; {MaxPaddedTokens} tokens are the maximum of "
                + "one request. "
                + "Send them in parts.");
        }
    }

    private static int GetValue(string input, ReadOnlySpan<int> text, ReadOnlySpan<byte> types, int column, int padding) => input switch
    {
        TokenInput.Ids => column < text.Length ? text[column] : padding,
        TokenInput.Mask => column < text.Length ? 1 : 0,
        _ => column < types.Length ? types[column] : 0,
    };

    private static void Set(Tensor tensor, int index, int value)
    {
        if (tensor.Type == ElementType.Int64)
            tensor.Values<long>()[index] = value;
        else
            tensor.Values<int>()[index] = value;
    }
}
