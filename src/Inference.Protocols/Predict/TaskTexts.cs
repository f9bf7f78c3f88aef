using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;

namespace Inference.Protocols.Predict;

/// <summary>
/// The texts of a predict call. They become inputs after the whole body was read, because the parameters of the body may follow the texts.
/// </summary>
/// <param name="path">The path of the texts in the request.</param>
internal sealed class TaskTexts(string path)
{
    /// <summary>The names of the members of a pair. A predict call has its texts in a member that is also named <c>text</c>.</summary>
    public const string Text = "text", TextPair = "text_pair";

    private readonly List<TextEntry> _texts = [];
    private bool _isSingle;

    /// <summary>Reads one text or an array of texts. A text is a string, or an object with a text and a second text.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: a text is not valid.</exception>
    public static TaskTexts Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, string path)
    {
        var texts = new TaskTexts(path) { _isSingle = reader.TokenType != JsonTokenType.StartArray };
        if (texts._isSingle)
            texts.Add(ref reader, body, path);
        while (!texts._isSingle && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            texts.Add(ref reader, body, $"{path}[{texts._texts.Count}]");
        return texts;
    }

    /// <summary>
    /// Whether the reader is at an object whose first member is <c>text</c> or <c>text_pair</c>. No input of a model with a tokenizer has
    /// one of these names.
    /// </summary>
    public static bool IsPairAt(Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.StartObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName
        && (reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("text_pair"u8));

    /// <summary>Adds the inputs made from the texts to a request.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the texts do not fit the task.</exception>
    public void AddTo(PredictionRequest request, Model model, ResponseFormat format)
    {
        var parameters = format.Parameters;
        request.ChargeStrings(parameters.CandidateLabels);
        request.ChargeStrings(parameters.Targets);
        var batch = new TextBatch(path)
        {
            IsSingle = _isSingle,
            RowsPerText = model.Task == ModelTask.ZeroShotClassification ? Math.Max(1, parameters.CandidateLabels.Length) : 1,
            KeepsTokens = model.Task is ModelTask.TokenClassification or ModelTask.FillMask,
            Options = parameters.Options with { HasOffsets = model.Task == ModelTask.TokenClassification },
        };
        if (model.Task == ModelTask.ZeroShotClassification)
            AddHypotheses(batch, parameters);
        else
            AddTexts(batch, model);
        format.Texts = batch;
        batch.AddTo(request, model);
    }

    private void AddTexts(TextBatch batch, Model model)
    {
        foreach (var text in _texts)
        {
            if (text.IsPair && model.Task is not (ModelTask.TextRanking or ModelTask.TextClassification))
            {
                throw InferenceException.InvalidRequest(
                    $"{batch.PathOf(batch.Count)} is a pair of texts, but the model accepts only single texts. Send a string.");
            }

            if (!text.IsPair && model.Task == ModelTask.TextRanking)
            {
                throw InferenceException.InvalidRequest(
                    $"{batch.PathOf(batch.Count)} is a single text; the model ranks pairs. Send {{\"{Text}\": {{\"{Text}\": \"<query>\", "
                    + $"\"{TextPair}\": \"<passage>\"}}}}, or set \"task\" to \"text-classification\" in its {ModelSettings.FileName}.");
            }

            batch.Add(text);
        }
    }

    private void AddHypotheses(TextBatch batch, PredictParameters parameters)
    {
        if (parameters.CandidateLabels.IsEmpty)
            throw InferenceException.InvalidRequest("parameters.candidate_labels is missing; the model scores the labels in it.");
        if ((long)_texts.Count * parameters.CandidateLabels.Length > TextBatch.MaxTexts)
        {
            throw InferenceException.InvalidRequest(
                $"{path} has {Counted.Text(_texts.Count, "text")} and parameters.candidate_labels "
                + $"{Counted.Text(parameters.CandidateLabels.Length, "label")}; their "
                + $"product may be at most {TextBatch.MaxTexts}. Send the texts in parts.");
        }

        foreach (var text in _texts)
        {
            if (text.IsPair)
            {
                throw InferenceException.InvalidRequest(
                    $"{path} contains a pair of texts, but the model accepts only single texts. Send strings.");
            }

            foreach (var label in parameters.CandidateLabels)
                batch.Add(new TextEntry(text.Json, Hypothesis: new Hypothesis(parameters.HypothesisTemplate, label)));
        }
    }

    private void Add(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, string textPath)
    {
        TextBatch.ThrowIfFull(_texts.Count, path);
        _texts.Add(reader.TokenType == JsonTokenType.StartObject
            ? ReadPair(ref reader, body, textPath)
            : new TextEntry(TextBatch.ReadText(ref reader, body, textPath)));
    }

    private static TextEntry ReadPair(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, string textPath)
    {
        var (hasText, hasSecond) = (false, false);
        var (text, second) = (ReadOnlyMemory<byte>.Empty, ReadOnlyMemory<byte>.Empty);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("text"u8))
            {
                if (JsonText.TryReadOnce(ref reader, ref hasText, $"{textPath}.{Text}"))
                    text = TextBatch.ReadText(ref reader, body, $"{textPath}.{Text}");
            }
            else if (reader.ValueTextEquals("text_pair"u8))
            {
                if (JsonText.TryReadOnce(ref reader, ref hasSecond, $"{textPath}.{TextPair}"))
                    second = TextBatch.ReadText(ref reader, body, $"{textPath}.{TextPair}");
            }
            else
            {
                throw InferenceException.InvalidRequest(
                    $"{textPath}: \"{Quote.Shorten(JsonText.ReadString(ref reader, "A name"))}\" is unknown; a text is a string or "
                    + $"{{\"{Text}\": \"...\", \"{TextPair}\": \"...\"}}.");
            }
        }

        return hasText ? new TextEntry(text, second) : throw InferenceException.InvalidRequest($"{textPath}.{Text} is missing.");
    }
}
