using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.TextEmbeddings;

/// <summary>
/// The embed call: <c>{"inputs","truncate"?,"truncation_direction"?,"prompt_name"?,"normalize"?,"dimensions"?}</c>. It returns an embedding
/// for each text.
/// </summary>
public class EmbedCall : TextCall
{
    private const string Inputs = "inputs";

    private static readonly string[] Members =
    [
        Inputs, TextOptionReader.Truncate, TextOptionReader.TruncationDirection, TextOptionReader.PromptName, TextOptionReader.Normalize,
        TextOptionReader.Dimensions,
    ];

    /// <summary>Reads a body, which must not change until the response is written.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not valid for this call.</exception>
    public EmbedCall(ReadOnlyMemory<byte> json)
        : base(json) => JsonMembers.ReadBody(json, Members, requiredCount: 1, ReadMember);

    internal sealed override TextBatch Texts { get; } = new(Inputs) { RefusesEmpty = true, Options = new TextOptions { Normalize = true } };

    private protected override string ResultName => "embeddings";

    public override void Write(IBufferWriter<byte> output, Prediction prediction)
    {
        using var pooled = TextPooler.Pool(prediction, Texts);
        var vectors = pooled ?? TextPooler.FindVectors(prediction, Texts.Count);
        TextPooler.ThrowIfNotFinite(vectors, Texts);
        var writer = JsonText.GetWriter(output);
        JsonTensorWriter.WriteNested(writer, new NamedTensor("embedding", vectors));
        writer.Flush();
    }

    private protected override bool IsSupportedBy(ModelTask task, Model model) => task == ModelTask.FeatureExtraction;

    private void ReadMember(ref Utf8JsonReader reader, string name)
    {
        if (name == Inputs)
            TextInput.Read(ref reader, Json, Inputs, Texts);
        else
            Texts.Options = TextOptionReader.Read(ref reader, name, Texts.Options);
    }
}

/// <summary>The embed_all call, which returns the vectors of the tokens of each text.</summary>
public sealed class EmbedAllCall(ReadOnlyMemory<byte> json) : EmbedCall(json)
{
    public override void Write(IBufferWriter<byte> output, Prediction prediction)
    {
        var tokenVectors = TextPooler.FindTokenVectors(prediction);
        var (length, size) = ((int)tokenVectors.Shape[1], (int)tokenVectors.Shape[2]);
        var writer = JsonText.GetWriter(output);
        writer.WriteStartArray();
        for (var row = 0; row < Texts.Count; row++)
        {
            writer.WriteStartArray();
            for (var token = 0; token < Texts.TokenCountOf(row); token++)
            {
                writer.WriteStartArray();
                JsonTensorWriter.WriteNumbers(writer, tokenVectors.Values<float>().Slice(((row * length) + token) * size, size));
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.Flush();
    }
}

/// <summary>
/// The embed_sparse call, for models that return a weight for each token of their vocabulary. No supported model returns such weights, so
/// every request is refused.
/// </summary>
public sealed class EmbedSparseCall(ReadOnlyMemory<byte> json) : EmbedCall(json)
{
    public override PredictionRequest ToRequest(Model model) => throw InferenceException.InvalidRequest(
        $"Model {model.Id.Name} is not an embedding model with SPLADE pooling, so it has no sparse embeddings. Use /embed.",
        ErrorReason.WrongTask);

    public override void Write(IBufferWriter<byte> output, Prediction prediction) =>
        throw new NotSupportedException("No model returns sparse embeddings. This is a bug.");
}
