using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;

namespace Inference.Protocols.Rerank;

/// <summary>
/// The rerank call of Jina and Cohere: <c>{"model","query","documents","top_n"?,"return_documents"?}</c>. A document is a text or an object
/// with a text. Documents that are too long are truncated, as in these services. Unknown members are ignored.
/// </summary>
public sealed class RerankCall : TextCall
{
    private const string ModelName =
        "model", Query = "query", Documents = "documents", TopN = "top_n", ReturnDocuments = "return_documents",
        RankFields = "rank_fields", DocumentText = "text";

    private static readonly string[] Members = [ModelName, Query, Documents, TopN, ReturnDocuments, RankFields];
    private static readonly string[] DocumentMembers = [DocumentText];

    private readonly List<ReadOnlyMemory<byte>> _texts = [];

    /// <summary>One entry per document: its JSON object. The entry is empty for a document that is a text.</summary>
    private readonly List<ReadOnlyMemory<byte>> _objects = [];

    private ReadOnlyMemory<byte> _query;
    private int? _topN;
    private bool _returnsDocuments;

    private RerankCall(ReadOnlyMemory<byte> json, bool returnsDocuments)
        : base(json)
    {
        _returnsDocuments = returnsDocuments;
        JsonMembers.ReadBody(json, Members, requiredCount: 3, ReadMember);
        Texts.AddPairs(_query, _texts);
    }

    internal override TextBatch Texts { get; } = new(Documents)
    {
        QueryPath = Query,
        Options = new TextOptions { Truncate = true },
    };

    private protected override string ResultName => "ranks";

    /// <summary>Reads a body of <c>/v1/rerank</c>. As in Jina's call, the response contains the documents by default.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not valid for this call.</exception>
    public static RerankCall Read(ReadOnlyMemory<byte> json) => new(json, returnsDocuments: true);

    /// <summary>Reads a body of <c>/v2/rerank</c>. As in Cohere's call, the response does not contain the documents by default.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not valid for this call.</exception>
    public static RerankCall ReadWithoutDocuments(ReadOnlyMemory<byte> json) => new(json, returnsDocuments: false);

    /// <summary>Writes <c>{"model","results":[{"index","relevance_score","document"?}],"usage"}</c>, the most relevant first.</summary>
    public override void Write(IBufferWriter<byte> output, Prediction prediction)
    {
        var writer = JsonText.GetWriter(output);
        writer.WriteStartObject();
        writer.WriteString("model"u8, prediction.Model.Id.Name.Value);
        writer.WriteStartArray("results"u8);
        foreach (var (index, score) in RankedTexts.Rank(prediction, Texts).Take(_topN ?? int.MaxValue))
        {
            writer.WriteStartObject();
            writer.WriteNumber("index"u8, index);
            writer.WritePropertyName("relevance_score"u8);
            JsonTensorWriter.WriteNumbers(writer, [score]);
            if (_returnsDocuments)
                WriteDocument(writer, index);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("prompt_tokens"u8, Texts.TokenCount);
        writer.WriteNumber("total_tokens"u8, Texts.TokenCount);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
    }

    /// <summary>Writes <c>{"message","detail"}</c>. Cohere's clients read the message, and Jina's read the detail.</summary>
    public static void WriteError(IBufferWriter<byte> output, string message)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("message"u8, message);
        writer.WriteString("detail"u8, message);
        writer.WriteEndObject();
    }

    private protected override bool IsSupportedBy(ModelTask task, Model model) => RankedTexts.IsSupportedBy(task, model);

    private void WriteDocument(Utf8JsonWriter writer, int index)
    {
        writer.WritePropertyName("document"u8);
        if (!_objects[index].IsEmpty)
        {
            writer.WriteRawValue(_objects[index].Span, skipInputValidation: true);
            return;
        }

        writer.WriteStartObject();
        writer.WritePropertyName("text"u8);
        writer.WriteRawValue(_texts[index].Span, skipInputValidation: true);
        writer.WriteEndObject();
    }

    private void ReadMember(ref Utf8JsonReader reader, string name)
    {
        switch (name)
        {
            case ModelName:
                Model = JsonText.ReadString(ref reader, name);
                break;
            case Query:
                _query = TextBatch.ReadText(ref reader, Json, name);
                break;
            case Documents:
                JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, name, "an array of texts");
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    AddDocument(ref reader);
                break;
            case TopN:
                _topN = JsonMembers.ReadNumber(ref reader, name, 1);
                break;
            case ReturnDocuments:
                _returnsDocuments = JsonMembers.ReadBoolean(ref reader, name);
                break;
            default:
                ThrowIfOtherField(ref reader);
                break;
        }
    }

    private void AddDocument(ref Utf8JsonReader reader)
    {
        TextBatch.ThrowIfFull(_texts.Count, Documents);
        var path = string.Create(CultureInfo.InvariantCulture, $"{Documents}[{_texts.Count}]");
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            _texts.Add(TextBatch.ReadText(ref reader, Json, path));
            _objects.Add(default);
            return;
        }

        var start = (int)reader.TokenStartIndex;
        JsonMembers.Read(ref reader, $"{path}.", DocumentMembers, requiredCount: 1, AddText);
        var document = ByteOrderMark.Skip(Json)[start..(int)reader.BytesConsumed];
        if (!Utf8.IsValid(document.Span))
            throw InferenceException.InvalidRequest($"{path} is not valid UTF-8.", ErrorReason.InvalidText);
        _objects.Add(document);
    }

    private void AddText(ref Utf8JsonReader reader, string name) =>
        _texts.Add(
            TextBatch.ReadText(ref reader, Json, string.Create(CultureInfo.InvariantCulture, $"{Documents}[{_texts.Count}].{name}")));

    /// <summary>
    /// Refuses to rank by members of documents other than their text. Ignoring these members would return a wrong order.
    /// </summary>
    private static void ThrowIfOtherField(ref Utf8JsonReader reader)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, RankFields, "an array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (JsonText.ReadString(ref reader, RankFields) is var field && field != DocumentText)
            {
                throw InferenceException.InvalidRequest(
                    $"{RankFields} has \"{Quote.Shorten(field)}\", but only \"{DocumentText}\" is supported. "
                    + $"Send [\"{DocumentText}\"], or omit {RankFields}.");
            }
        }
    }
}
