using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;

namespace Inference.Protocols.TextEmbeddings;

/// <summary>
/// The decode call: <c>{"ids","skip_special_tokens"?}</c>. The ids are one array of tokens, or an array of such arrays. The
/// response has a text for each array of tokens.
/// </summary>
public sealed class DecodeCall
{
    private const string Ids = "ids", SkipSpecialTokens = "skip_special_tokens";

    private static readonly string[] Members = [Ids, SkipSpecialTokens];

    private readonly List<int[]> _texts = [];
    private bool _skipsSpecialTokens = true;
    private int _tokenCount;

    /// <summary>Reads a body, which is not referenced afterwards.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the body is malformed, or has arrays without tokens or with too many tokens.
    /// </exception>
    public DecodeCall(ReadOnlyMemory<byte> json) => JsonMembers.ReadBody(json, Members, requiredCount: 1, ReadMember);

    /// <summary>Decodes the texts one by one, and writes the response.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the model does not accept text. <see cref="InferenceError.ModelUnavailable"/>: its
    /// tokenizer does not load.
    /// </exception>
    public void Write(IBufferWriter<byte> output, Model model, CancellationToken cancellationToken)
    {
        var tokenizer = TextTokenizer.ForModel(model);
        var writer = JsonText.GetWriter(output);
        writer.WriteStartArray();
        foreach (var tokens in _texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            writer.WriteStringValue(tokenizer.Tokenizer.Decode(tokens, _skipsSpecialTokens));
        }

        writer.WriteEndArray();
        writer.Flush();
    }

    private void ReadMember(ref Utf8JsonReader reader, string name)
    {
        if (name == SkipSpecialTokens)
        {
            _skipsSpecialTokens = JsonMembers.ReadBoolean(ref reader, name);
            return;
        }

        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, Ids, "an array of token ids, or an array of such arrays");
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Add(ref reader, Ids);
            return;
        }

        for (; reader.TokenType != JsonTokenType.EndArray; reader.Read())
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{Ids}[{_texts.Count}]");
            JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, path, "an array of token ids");
            reader.Read();
            Add(ref reader, path);
        }
    }

    /// <summary>Reads the rest of an array of tokens.</summary>
    private void Add(ref Utf8JsonReader reader, string path)
    {
        TextBatch.ThrowIfFull(_texts.Count, Ids);
        var tokens = TextInput.ReadTokens(ref reader, Ids, path, ref _tokenCount);
        if (tokens.Length == 0)
            throw InferenceException.InvalidRequest($"{path} has no tokens. Send at least one token id.", ErrorReason.EmptyText);
        if (tokens.Length > TextSettings.MaxTokensLimit)
        {
            throw InferenceException.InvalidRequest(
                $"{path} has {tokens.Length} tokens; {TextSettings.MaxTokensLimit} are the maximum of one text. Send it in parts.");
        }

        _texts.Add(tokens);
    }
}
