using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;

namespace Inference.Protocols.TextEmbeddings;

/// <summary>
/// The rerank call: <c>{"query","texts","truncate"?,"truncation_direction"?,"raw_scores"?,"return_text"?}</c>. It returns the indexes and
/// scores of the texts, the most relevant first.
/// </summary>
public sealed class RankCall : TextCall
{
    private const string Query = "query", TextsName = "texts", ReturnText = "return_text";

    private static readonly string[] Members =
        [Query, TextsName, TextOptionReader.Truncate, TextOptionReader.TruncationDirection, TextOptionReader.RawScores, ReturnText];

    private readonly List<ReadOnlyMemory<byte>> _texts = [];
    private ReadOnlyMemory<byte> _query;
    private bool _returnsText;

    /// <summary>Reads a body, which must not change until the response is written.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not valid for this call.</exception>
    public RankCall(ReadOnlyMemory<byte> json)
        : base(json)
    {
        JsonMembers.ReadBody(json, Members, requiredCount: 2, ReadMember);
        Texts.AddPairs(_query, _texts);
    }

    internal override TextBatch Texts { get; } = new(TextsName) { RefusesEmpty = true, QueryPath = Query };

    private protected override string ResultName => "ranks";

    public override void Write(IBufferWriter<byte> output, Prediction prediction)
    {
        var writer = JsonText.GetWriter(output);
        writer.WriteStartArray();
        foreach (var (index, score) in RankedTexts.Rank(prediction, Texts))
        {
            writer.WriteStartObject();
            writer.WriteNumber("index"u8, index);
            if (_returnsText)
            {
                writer.WritePropertyName("text"u8);
                writer.WriteRawValue(_texts[index].Span, skipInputValidation: true);
            }

            writer.WritePropertyName("score"u8);
            JsonTensorWriter.WriteNumbers(writer, [score]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.Flush();
    }

    private protected override bool IsSupportedBy(ModelTask task, Model model) => RankedTexts.IsSupportedBy(task, model);

    private void ReadMember(ref Utf8JsonReader reader, string name)
    {
        switch (name)
        {
            case Query:
                _query = TextBatch.ReadText(ref reader, Json, Query);
                break;
            case TextsName:
                JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, TextsName, "an array of texts");
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    TextBatch.ThrowIfFull(_texts.Count, TextsName);
                    _texts.Add(TextBatch.ReadText(ref reader, Json, Texts.PathOf(_texts.Count)));
                }

                break;
            case ReturnText:
                _returnsText = JsonMembers.ReadBoolean(ref reader, ReturnText);
                break;
            default:
                Texts.Options = TextOptionReader.Read(ref reader, name, Texts.Options);
                break;
        }
    }
}
