using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;

namespace Inference.Protocols.Embeddings;

/// <summary>
/// The body of OpenAI's embeddings call: <c>{"model","input","encoding_format"?,"dimensions"?}</c>, where the input is a text, an array of texts, an
/// array of tokens, or an array of those (https://platform.openai.com/docs/api-reference/embeddings). Other keys are passed over, as clients send
/// some for OpenAI's own service.
/// </summary>
public sealed class EmbeddingBody
{
    private const string Input = "input";

    private readonly ReadOnlyMemory<byte> _json;
    private int _tokens;

    private EmbeddingBody(ReadOnlyMemory<byte> json) => _json = json;

    /// <summary>The name of the model that is asked.</summary>
    public string Model { get; private set; } = "";

    internal bool IsBase64 { get; private set; }

    internal TextBatch Texts { get; } = new(Input);

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    public static EmbeddingBody Read(ReadOnlyMemory<byte> json) => JsonText.ReadObject(json, new EmbeddingBody(json), Read);

    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>, or <see cref="InferenceError.ModelUnavailable"/> when its tokenizer does not load.
    /// </exception>
    public PredictionRequest ToRequest(Model model)
    {
        if (model.Task is { } task and not ModelTask.FeatureExtraction)
            throw InferenceException.InvalidRequest($"Model {model.Id.Name} gives no embeddings: its task is {ModelTaskNames.Of(task)}.");
        var request = new PredictionRequest();
        try
        {
            Texts.AddTo(request, model);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    private static EmbeddingBody Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, EmbeddingBody body)
    {
        var (model, input, format, dimensions) = (false, false, false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("model"))
            {
                if (JsonText.TryReadOnce(ref reader, ref model, "model"))
                    body.Model = JsonText.ReadString(ref reader, "model");
            }
            else if (reader.ValueTextEquals(Input))
            {
                if (JsonText.TryReadOnce(ref reader, ref input, Input))
                    body.ReadInput(ref reader);
            }
            else if (reader.ValueTextEquals("encoding_format"))
            {
                if (JsonText.TryReadOnce(ref reader, ref format, "encoding_format"))
                    body.IsBase64 = ReadFormat(ref reader);
            }
            else if (reader.ValueTextEquals("dimensions"))
            {
                if (JsonText.TryReadOnce(ref reader, ref dimensions, "dimensions"))
                    body.Texts.Options = body.Texts.Options with { Dimensions = ReadNumber(ref reader, "dimensions", 1) };
            }
            else
            {
                reader.Skip();
            }
        }

        return model && input ? body : throw InferenceException.InvalidRequest($"\"{(model ? Input : "model")}\" is missing.");
    }

    private void ReadInput(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            Texts.IsSingle = true;
            Texts.AddText(ref reader, _json);
            return;
        }

        JsonText.Expect(ref reader, JsonTokenType.StartArray, Input, "a text, or an array of texts or tokens");
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            Texts.IsSingle = true;
            Texts.AddTokens(ReadTokens(ref reader, Input));
            return;
        }

        for (; reader.TokenType != JsonTokenType.EndArray; reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartArray && reader.Read())
                Texts.AddTokens(ReadTokens(ref reader, Texts.PathOf(Texts.Count)));
            else
                Texts.AddText(ref reader, _json);
        }

        if (Texts.HasTexts && Texts.HasTokens)
            throw InferenceException.InvalidRequest($"{Input} mixes texts and tokens.");
    }

    /// <param name="reader">Stands at the first element.</param>
    private int[] ReadTokens(ref Utf8JsonReader reader, string path)
    {
        var tokens = new List<int>();
        for (; reader.TokenType != JsonTokenType.EndArray; reader.Read())
        {
            if (_tokens++ == TextBatch.MaxPaddedTokens)
                throw InferenceException.InvalidRequest($"{Input} has more than {TextBatch.MaxPaddedTokens} tokens, the most of one request. Send them in parts.");
            tokens.Add(ReadNumber(ref reader, path, 0));
        }

        return [.. tokens];
    }

    private static bool ReadFormat(ref Utf8JsonReader reader) => JsonText.ReadString(ref reader, "encoding_format") switch
    {
        "float" => false,
        "base64" => true,
        var other => throw InferenceException.InvalidRequest($"encoding_format is \"{Quote.Of(other)}\"; \"float\" or \"base64\" is expected."),
    };

    private static int ReadNumber(ref Utf8JsonReader reader, string path, int min) =>
        JsonText.TryReadInteger(ref reader, out var number) && number >= min && number <= int.MaxValue
            ? (int)number
            : throw InferenceException.InvalidRequest($"{path} has something else than whole numbers from {min}.");
}
