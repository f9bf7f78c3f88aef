using System.Buffers;
using System.Numerics.Tensors;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;

namespace Inference.Protocols.TextEmbeddings;

/// <summary>
/// The similarity call: <c>{"inputs":{"source_sentence","sentences"},"parameters"?}</c>. It returns the cosine similarity between the
/// embedding of each sentence and the embedding of the source sentence.
/// </summary>
public sealed class SimilarityCall : TextCall
{
    private const string Inputs = "inputs", Parameters = "parameters", Source = "source_sentence", Sentences = "sentences";
    private const string InputsPath = $"{Inputs}.", ParametersPath = $"{Parameters}.";

    private static readonly string[] Members = [Inputs, Parameters];
    private static readonly string[] InputMembers = [Source, Sentences];
    private static readonly string[] ParameterMembers = [TextOptionReader.Truncate, TextOptionReader.TruncationDirection,
        TextOptionReader.PromptName];

    private ReadOnlyMemory<byte> _source;

    /// <summary>Reads a body, which must not change until the response is written.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not valid for this call.</exception>
    public SimilarityCall(ReadOnlyMemory<byte> json)
        : base(json)
    {
        JsonMembers.ReadBody(json, Members, requiredCount: 1, ReadMember);
        if (Texts.Count == 0)
            throw InferenceException.InvalidRequest($"{InputsPath}{Sentences} has no texts. Send at least one.", ErrorReason.EmptyText);
        Texts.Add(new TextEntry(_source));
        Texts.PathOfLast = InputsPath + Source;
    }

    /// <summary>The sentences, followed by the source sentence.</summary>
    internal override TextBatch Texts { get; } =
        new(InputsPath + Sentences) { RefusesEmpty = true, Options = new TextOptions { Normalize = true } };

    private protected override string ResultName => "embeddings";

    public override void Write(IBufferWriter<byte> output, Prediction prediction)
    {
        using var pooled = TextPooler.Pool(prediction, Texts);
        var vectors = pooled ?? TextPooler.FindVectors(prediction, Texts.Count);
        TextPooler.ThrowIfNotFinite(vectors, Texts);
        var size = (int)vectors.Shape[1];
        var source = vectors.Values<float>().Slice((Texts.Count - 1) * size, size);
        var cosines = new float[Texts.Count - 1];
        // The embeddings are unit vectors, so the dot product is the cosine.
        for (var row = 0; row < cosines.Length; row++)
            cosines[row] = TensorPrimitives.Dot(vectors.Values<float>().Slice(row * size, size), source);
        var writer = JsonText.GetWriter(output);
        writer.WriteStartArray();
        JsonTensorWriter.WriteNumbers(writer, cosines);
        writer.WriteEndArray();
        writer.Flush();
    }

    private protected override bool IsSupportedBy(ModelTask task, Model model) => task == ModelTask.FeatureExtraction;

    private void ReadMember(ref Utf8JsonReader reader, string name)
    {
        if (name == Inputs)
            JsonMembers.Read(ref reader, InputsPath, InputMembers, requiredCount: 2, ReadInput);
        else
            JsonMembers.Read(ref reader, ParametersPath, ParameterMembers, requiredCount: 0, ReadParameter);
    }

    private void ReadInput(ref Utf8JsonReader reader, string name)
    {
        if (name == Source)
        {
            _source = TextBatch.ReadText(ref reader, Json, InputsPath + Source);
            return;
        }

        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, InputsPath + Sentences, "an array of texts");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            Texts.AddText(ref reader, Json);
    }

    private void ReadParameter(ref Utf8JsonReader reader, string name) =>
        Texts.Options = TextOptionReader.Read(ref reader, name, Texts.Options, ParametersPath);
}
