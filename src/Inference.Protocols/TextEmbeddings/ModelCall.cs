using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Predict;
using Inference.Protocols.Text;
using Inference.Requests;

namespace Inference.Protocols.TextEmbeddings;

/// <summary>
/// A call to the address of a model itself, as Hugging Face's clients send it. A body with a query is a rerank call, and a body with a
/// source sentence is a similarity call. For any other body, the task of the model selects embed or predict.
/// </summary>
public sealed class ModelCall : TextCall
{
    private static readonly string[] Members = ["inputs", "query", "parameters"];
    private static readonly string[] InputMembers = ["source_sentence"];

    private TextCall? _call;
    private bool _hasTexts;
    private bool _hasParameters;
    private PredictBody _predictBody;

    private ModelCall(ReadOnlyMemory<byte> json)
        : base(json) => JsonMembers.ReadBody(json, Members, requiredCount: 0, ReadMember);

    internal override TextBatch Texts => _call!.Texts;

    private protected override string ResultName => "predictions";

    /// <summary>Reads a body, which must not change until the response is written.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not valid for this call.</exception>
    public static TextCall Read(ReadOnlyMemory<byte> json)
    {
        var call = new ModelCall(json);
        return call._call ?? call;
    }

    public override PredictionRequest ToRequest(Model model)
    {
        if (_hasTexts && !_hasParameters && model is { Text: not null, Task: null or ModelTask.FeatureExtraction })
        {
            _call = new EmbedCall(Json);
            return _call.ToRequest(model);
        }

        _predictBody = new PredictBody(Json);
        return PredictReader.Read(_predictBody, model);
    }

    public override void Write(IBufferWriter<byte> output, Prediction prediction)
    {
        if (_call is not null)
            _call.Write(output, prediction);
        else
            PredictWriter.Write(output, prediction, _predictBody.Format);
    }

    private protected override bool IsSupportedBy(ModelTask task, Model model) => true;

    private void ReadMember(ref Utf8JsonReader reader, string name)
    {
        switch (name)
        {
            case "query":
                _call = new RankCall(Json);
                break;
            case "parameters":
                _hasParameters = true;
                break;
            case "inputs" when reader.TokenType == JsonTokenType.StartObject && !TaskTexts.IsPairAt(reader):
                JsonMembers.Read(ref reader, "inputs.", InputMembers, requiredCount: 0, ReadSource);
                return;
            default:
                _hasTexts |= reader.TokenType != JsonTokenType.StartObject;
                break;
        }

        reader.Skip();
    }

    private void ReadSource(ref Utf8JsonReader reader, string name)
    {
        _call = new SimilarityCall(Json);
        reader.Skip();
    }
}
