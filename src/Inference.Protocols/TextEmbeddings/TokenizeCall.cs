using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Text;

namespace Inference.Protocols.TextEmbeddings;

/// <summary>
/// The tokenize call: <c>{"inputs","add_special_tokens"?,"prompt_name"?}</c>. It returns the tokens of each text as
/// <c>{"id","text","special","start","stop"}</c>. Positions count the bytes of the text in UTF-8.
/// </summary>
public sealed class TokenizeCall
{
    private const string Inputs = "inputs", AddSpecialTokens = "add_special_tokens";

    private static readonly string[] Members = [Inputs, AddSpecialTokens, TextOptionReader.PromptName];

    private readonly ReadOnlyMemory<byte> _json;
    private readonly List<ReadOnlyMemory<byte>> _texts = [];
    private bool _addsSpecialTokens = true;

    /// <summary>Whether the body has one text instead of an array.</summary>
    private bool _isSingle;
    private TextOptions _options = TextOptions.Default;

    /// <summary>Reads a body, which must not change until the response is written.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the body is malformed, or has an empty text or too many texts.
    /// </exception>
    public TokenizeCall(ReadOnlyMemory<byte> json)
    {
        _json = json;
        JsonMembers.ReadBody(json, Members, requiredCount: 1, ReadMember);
    }

    /// <summary>Tokenizes the texts one by one, and writes the response.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the model does not accept text or has no such prompt, the body has no texts or too many
    /// tokens, or a text cannot be tokenized. <see cref="InferenceError.ModelUnavailable"/>: the model's tokenizer does not load.
    /// </exception>
    public void Write(IBufferWriter<byte> output, Model model, CancellationToken cancellationToken)
    {
        var tokenizer = TextTokenizer.ForModel(model);
        if (_texts.Count == 0)
            throw InferenceException.InvalidRequest($"{Inputs} has no texts. Send at least one.", ErrorReason.EmptyText);
        var prompt = TextPrompts.Find(model, _options);
        var writer = JsonText.GetWriter(output);
        var count = 0;
        writer.WriteStartArray();
        for (var index = 0; index < _texts.Count; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (text, tokens) = tokenizer.Tokenize(_texts[index], prompt, _addsSpecialTokens, PathOf(index), cancellationToken);
            if ((count += tokens.Length) > TextBatch.MaxPaddedTokens)
            {
                throw InferenceException.InvalidRequest(
                    $"{Inputs} has more than {TextBatch.MaxPaddedTokens} tokens, the maximum of one request. Send them in parts.");
            }

            WriteTokens(writer, tokenizer, text, tokens);
        }

        writer.WriteEndArray();
        writer.Flush();
    }

    private static void WriteTokens(Utf8JsonWriter writer, TextTokenizer tokenizer, string text, EncodedText tokens)
    {
        var offset = new ByteOffset(text);
        writer.WriteStartArray();
        for (var index = 0; index < tokens.Length; index++)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id"u8, tokens.Ids[index]);
            var isSpecial = tokens.SpecialTokensMask[index];
            var (start, end) = tokens.Offsets[index];
            writer.WriteString("text"u8, isSpecial ? tokenizer.Tokenizer.TokenOf(tokens.Ids[index]) : text.AsSpan(start, end - start));
            writer.WriteBoolean("special"u8, isSpecial);
            if (isSpecial)
            {
                writer.WriteNull("start"u8);
                writer.WriteNull("stop"u8);
            }
            else
            {
                writer.WriteNumber("start"u8, offset.MoveTo(start));
                writer.WriteNumber("stop"u8, offset.MoveTo(end));
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void ReadMember(ref Utf8JsonReader reader, string name)
    {
        switch (name)
        {
            case AddSpecialTokens:
                _addsSpecialTokens = JsonMembers.ReadBoolean(ref reader, name);
                break;
            case TextOptionReader.PromptName:
                _options = TextOptionReader.Read(ref reader, name, _options);
                break;
            default:
                ReadTexts(ref reader);
                break;
        }
    }

    private void ReadTexts(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            _isSingle = true;
            Add(ref reader);
            return;
        }

        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, Inputs, "a text or an array of texts");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            Add(ref reader);
    }

    private void Add(ref Utf8JsonReader reader)
    {
        TextBatch.ThrowIfFull(_texts.Count, Inputs);
        var path = PathOf(_texts.Count);
        var text = TextBatch.ReadText(ref reader, _json, path);
        if (new TextEntry(text).IsEmpty)
            throw InferenceException.InvalidRequest($"{path} is empty; a text is expected.", ErrorReason.EmptyText);
        _texts.Add(text);
    }

    private string PathOf(int index) => _isSingle ? Inputs : string.Create(CultureInfo.InvariantCulture, $"{Inputs}[{index}]");

    /// <summary>
    /// Converts positions in a string to positions in its UTF-8 bytes. The conversion is fast for a position near the previous one.
    /// </summary>
    private struct ByteOffset(string text)
    {
        private int _charPosition;
        private int _bytePosition;

        public int MoveTo(int position)
        {
            _bytePosition += position >= _charPosition
                ? Encoding.UTF8.GetByteCount(text.AsSpan(_charPosition, position - _charPosition))
                : -Encoding.UTF8.GetByteCount(text.AsSpan(position, _charPosition - position));
            _charPosition = position;
            return _bytePosition;
        }
    }
}
