using System.Text.Json;
using Inference.Protocols.Json;

namespace Inference.Protocols.Text;

/// <summary>Reads texts as embedding calls send them: a text, an array of texts, an array of tokens, or an array of such arrays.</summary>
internal static class TextInput
{
    /// <summary>Adds the current texts of the reader to a batch.</summary>
    /// <param name="body">The body that the reader reads. The body must not change until the inputs are created.</param>
    /// <param name="path">The path of the texts in the request.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: a text is not valid.</exception>
    public static void Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, string path, TextBatch texts)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            texts.IsSingle = true;
            texts.AddText(ref reader, body);
            return;
        }

        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, path, "a text, or an array of texts or tokens");
        reader.Read();
        var count = 0;
        if (reader.TokenType == JsonTokenType.Number)
        {
            texts.IsSingle = true;
            texts.AddTokens(ReadTokens(ref reader, path, path, ref count));
            return;
        }

        for (; reader.TokenType != JsonTokenType.EndArray; reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartArray && reader.Read())
                texts.AddTokens(ReadTokens(ref reader, path, texts.PathOf(texts.Count), ref count));
            else
                texts.AddText(ref reader, body);
        }

        if (texts.HasTexts && texts.HasTokens)
            throw InferenceException.InvalidRequest($"{path} mixes texts and tokens. Send only texts, or only tokens.");
    }

    /// <summary>Reads the rest of an array of tokens.</summary>
    /// <param name="reader">Positioned at the first element.</param>
    /// <param name="path">The path of the member that contains all texts or tokens of the request.</param>
    /// <param name="arrayPath">The path of the array that is read.</param>
    /// <param name="count">The number of tokens of the request so far. This method adds the tokens of the array.</param>
    public static int[] ReadTokens(ref Utf8JsonReader reader, string path, string arrayPath, ref int count)
    {
        var tokens = new List<int>();
        for (; reader.TokenType != JsonTokenType.EndArray; reader.Read())
        {
            if (count++ == TextBatch.MaxPaddedTokens)
            {
                throw InferenceException.InvalidRequest(
                    $"{path} has more than {TextBatch.MaxPaddedTokens} tokens, the maximum of one request. Send them in parts.");
            }

            tokens.Add(JsonMembers.ReadNumber(ref reader, arrayPath, 0));
        }

        return [.. tokens];
    }
}
