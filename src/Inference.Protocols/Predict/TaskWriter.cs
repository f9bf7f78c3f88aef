using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Predict;

/// <summary>Writes the results of a model's task in the format of Hugging Face's inference.</summary>
internal static class TaskWriter
{
    /// <summary>
    /// Writes a whole response: the result of a single text or image, or an array of results. Text classification and ranking always write
    /// an array of results, as Hugging Face's inference does.
    /// </summary>
    public static void Write(Utf8JsonWriter writer, Prediction prediction, ResponseFormat format)
    {
        if (format.Texts is not { } texts)
        {
            WriteImages(writer, prediction, format);
            return;
        }

        var isEmbedding = GetTask(prediction.Model) == ModelTask.FeatureExtraction;
        var isBare = texts.IsSingle && GetTask(prediction.Model) is not (ModelTask.TextClassification or ModelTask.TextRanking);
        using var pooled = isEmbedding ? TextPooler.Pool(prediction, texts) : null;
        WriteResults(writer, prediction, format, pooled ?? (isEmbedding ? TextPooler.FindVectors(prediction, texts.Count) : null), isBare);
    }

    /// <summary>Writes an array with the result of each text.</summary>
    /// <returns>False, with nothing written, when the model's own outputs are the embeddings.</returns>
    public static bool TryWritePredictions(Utf8JsonWriter writer, Prediction prediction, ResponseFormat format)
    {
        var isEmbedding = GetTask(prediction.Model) == ModelTask.FeatureExtraction;
        using var pooled = isEmbedding ? TextPooler.Pool(prediction, format.Texts!) : null;
        if (isEmbedding && pooled is null)
            return false;
        WriteResults(writer, prediction, format, pooled, isBare: false);
        return true;
    }

    private static ModelTask GetTask(Model model) => model.Task ?? ModelTask.FeatureExtraction;

    /// <param name="vectors">The embeddings; null for tasks with other results.</param>
    /// <param name="isBare">Whether to omit the array around the results.</param>
    private static void WriteResults(Utf8JsonWriter writer, Prediction prediction, ResponseFormat format, Tensor? vectors, bool isBare)
    {
        if (!isBare)
            writer.WriteStartArray();
        switch (GetTask(prediction.Model))
        {
            case ModelTask.FeatureExtraction:
                WriteVectors(writer, vectors!);
                break;
            case ModelTask.TextRanking:
                WriteRanks(writer, prediction, format);
                break;
            case ModelTask.TextClassification:
                foreach (var labels in TextClassifier.Classify(prediction, format.Texts!))
                    WriteLabels(writer, labels, GetTopK(format, labels.Length));
                break;
            case ModelTask.ZeroShotClassification:
                WriteZeroShot(writer, prediction, format);
                break;
            case ModelTask.TokenClassification:
                WriteEntities(writer, prediction, format);
                break;
            case ModelTask.FillMask:
                WriteFilled(writer, prediction, format);
                break;
            case ModelTask.ImageClassification:
                throw new InferenceException(
                    InferenceError.RuntimeFailure,
                    $"The model classifies images, and the request has texts. Correct \"task\" in its {ModelSettings.FileName}.");
        }

        if (!isBare)
            writer.WriteEndArray();
    }

    /// <summary>Returns the number of labels to write. By default, Hugging Face's format contains all labels.</summary>
    private static int GetTopK(ResponseFormat format, int labelCount) =>
        Math.Min(labelCount, format.RequestedTopK ?? (format.IsHuggingFace ? labelCount : format.TopK));

    private static void WriteVectors(Utf8JsonWriter writer, Tensor vectors)
    {
        var size = (int)vectors.Shape[1];
        for (var row = 0; row < vectors.Shape[0]; row++)
        {
            writer.WriteStartArray();
            JsonTensorWriter.WriteNumbers(writer, vectors.Values<float>().Slice(row * size, size));
            writer.WriteEndArray();
        }
    }

    private static void WriteRanks(Utf8JsonWriter writer, Prediction prediction, ResponseFormat format)
    {
        foreach (var score in TextRanker.Score(prediction, format.Texts!))
        {
            if (format.IsHuggingFace)
                WriteLabels(writer, [new LabelScore(TextClassifier.GetLabel(prediction.Model, 0), score)], count: 1);
            else
                JsonTensorWriter.WriteNumbers(writer, [score]);
        }
    }

    private static void WriteZeroShot(Utf8JsonWriter writer, Prediction prediction, ResponseFormat format)
    {
        var (texts, labels) = (format.Texts!, format.Parameters.CandidateLabels);
        for (var row = 0; row < texts.Count / labels.Length; row++)
        {
            var classified = ZeroShotClassifier.Classify(prediction, texts, row, labels, format.Parameters.IsMultiLabel);
            writer.WriteStartObject();
            writer.WritePropertyName("sequence"u8);
            writer.WriteRawValue(texts.JsonOf(row * labels.Length), skipInputValidation: true);
            writer.WriteStartArray("labels"u8);
            foreach (var label in classified)
                writer.WriteStringValue(label.Label);
            writer.WriteEndArray();
            writer.WriteStartArray("scores"u8);
            JsonTensorWriter.WriteNumbers(writer, Array.ConvertAll(classified, label => label.Score));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }

    private static void WriteEntities(Utf8JsonWriter writer, Prediction prediction, ResponseFormat format)
    {
        var (classifier, parameters) = (new TokenClassifier(prediction, format.Texts!), format.Parameters);
        for (var row = 0; row < format.Texts!.Count; row++)
        {
            writer.WriteStartArray();
            foreach (var entity in classifier.Classify(row, parameters.Aggregation, parameters.IgnoredLabels))
                WriteEntity(writer, entity, isToken: parameters.Aggregation == TokenAggregation.None);
            writer.WriteEndArray();
        }
    }

    private static void WriteEntity(Utf8JsonWriter writer, in TextEntity entity, bool isToken)
    {
        writer.WriteStartObject();
        writer.WriteString(isToken ? "entity"u8 : "entity_group"u8, entity.Label);
        WriteScore(writer, entity.Score);
        if (isToken)
            writer.WriteNumber("index"u8, entity.Index);
        writer.WriteString("word"u8, entity.Word);
        writer.WriteNumber("start"u8, entity.Start);
        writer.WriteNumber("end"u8, entity.End);
        writer.WriteEndObject();
    }

    /// <summary>
    /// Writes filled masks. A text with one mask has an array of tokens. A text with several masks has an array of tokens for each mask.
    /// </summary>
    private static void WriteFilled(Utf8JsonWriter writer, Prediction prediction, ResponseFormat format)
    {
        var (filler, texts) = (new MaskFiller(prediction, format.Texts!, format.Parameters.Targets), format.Texts!);
        for (var row = 0; row < texts.Count; row++)
        {
            var masks = filler.Fill(row, format.TopK);
            if (masks.Count > 1)
                writer.WriteStartArray();
            foreach (var mask in masks)
                WriteMask(writer, mask);
            if (masks.Count > 1)
                writer.WriteEndArray();
        }
    }

    private static void WriteMask(Utf8JsonWriter writer, FilledMask[] tokens)
    {
        writer.WriteStartArray();
        foreach (var token in tokens)
        {
            writer.WriteStartObject();
            WriteScore(writer, token.Score);
            writer.WriteNumber("token"u8, token.Token);
            writer.WriteString("token_str"u8, token.TokenText);
            writer.WriteString("sequence"u8, token.Sequence);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteImages(Utf8JsonWriter writer, Prediction prediction, ResponseFormat format)
    {
        var outputs = prediction.FindFloats(rank: 2)
            ?? throw new InferenceException(
                InferenceError.RuntimeFailure, "The model returns no scores for images: it has no FP32 output of rank 2.");
        if (!format.HasSingleImage)
            writer.WriteStartArray();
        foreach (var labels in TextClassifier.Classify(outputs, prediction.Model, format.Parameters.Options))
            WriteLabels(writer, labels, Math.Min(labels.Length, format.TopK));
        if (!format.HasSingleImage)
            writer.WriteEndArray();
    }

    private static void WriteLabels(Utf8JsonWriter writer, LabelScore[] labels, int count)
    {
        writer.WriteStartArray();
        foreach (var label in labels.AsSpan(0, count))
        {
            writer.WriteStartObject();
            writer.WriteString("label"u8, label.Label);
            WriteScore(writer, label.Score);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteScore(Utf8JsonWriter writer, float score)
    {
        writer.WritePropertyName("score"u8);
        JsonTensorWriter.WriteNumbers(writer, [score]);
    }
}
