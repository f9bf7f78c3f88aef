using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;

namespace Inference.Protocols.TextEmbeddings;

/// <summary>
/// The classify call, whose name in Text Embeddings Inference is predict:
/// <c>{"inputs","truncate"?,"truncation_direction"?,"raw_scores"?}</c>. It returns the scores of all labels. The inputs are one text, one
/// pair <c>["a","b"]</c>, or an array of texts <c>["a"]</c> and pairs. Two texts are <c>[["a"],["b"]]</c>, because <c>["a","b"]</c> is a
/// pair.
/// </summary>
public sealed class ClassifyCall : TextCall
{
    private const string Inputs = "inputs";
    private const string Form = "a text, a pair of texts, or an array of arrays of one or two texts";

    private static readonly string[] Members =
        [Inputs, TextOptionReader.Truncate, TextOptionReader.TruncationDirection, TextOptionReader.RawScores];

    /// <summary>Reads a body, which must not change until the response is written.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not valid for this call.</exception>
    public ClassifyCall(ReadOnlyMemory<byte> json)
        : base(json) => JsonMembers.ReadBody(json, Members, requiredCount: 1, ReadMember);

    internal override TextBatch Texts { get; } = new(Inputs) { RefusesEmpty = true };

    private protected override string ResultName => "labels";

    /// <summary>Writes an array of the labels of a text, the highest score first; for several texts, an array of such arrays.</summary>
    public override void Write(IBufferWriter<byte> output, Prediction prediction)
    {
        var writer = JsonText.GetWriter(output);
        if (!Texts.IsSingle)
            writer.WriteStartArray();
        foreach (var labels in TextClassifier.Classify(prediction, Texts))
        {
            writer.WriteStartArray();
            foreach (var (label, score) in labels)
            {
                writer.WriteStartObject();
                writer.WritePropertyName("score"u8);
                JsonTensorWriter.WriteNumbers(writer, [score]);
                writer.WriteString("label"u8, label);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (!Texts.IsSingle)
            writer.WriteEndArray();
        writer.Flush();
    }

    private protected override bool IsSupportedBy(ModelTask task, Model model) =>
        task is ModelTask.TextClassification or ModelTask.ZeroShotClassification or ModelTask.TextRanking;

    private void ReadMember(ref Utf8JsonReader reader, string name)
    {
        if (name != Inputs)
        {
            Texts.Options = TextOptionReader.Read(ref reader, name, Texts.Options);
            return;
        }

        if (reader.TokenType == JsonTokenType.String)
        {
            Texts.IsSingle = true;
            Texts.AddText(ref reader, Json);
            return;
        }

        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, Inputs, Form);
        reader.Read();
        Texts.IsSingle = reader.TokenType == JsonTokenType.String;
        if (Texts.IsSingle)
            ReadEntry(ref reader);
        for (; !Texts.IsSingle && reader.TokenType != JsonTokenType.EndArray; reader.Read())
        {
            JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, Texts.PathOf(Texts.Count), "an array of one or two texts");
            reader.Read();
            ReadEntry(ref reader);
        }
    }

    /// <summary>Reads one or two texts to the end of their array.</summary>
    private void ReadEntry(ref Utf8JsonReader reader)
    {
        var path = Texts.PathOf(Texts.Count);
        var first = TextBatch.ReadText(ref reader, Json, path);
        reader.Read();
        var second = default(ReadOnlyMemory<byte>);
        if (reader.TokenType != JsonTokenType.EndArray)
        {
            second = TextBatch.ReadText(ref reader, Json, path);
            reader.Read();
        }

        if (reader.TokenType != JsonTokenType.EndArray)
            throw InferenceException.InvalidRequest($"{path} has more than two texts; {Form} is expected.");
        Texts.Add(new TextEntry(first, second));
    }
}
