using Inference.Models;
using Inference.Requests;

namespace Inference.Protocols.Text;

/// <summary>Makes the labels of texts from the outputs of a classifier.</summary>
internal static class TextClassifier
{
    /// <returns>For each text the scores of all labels, the highest first.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: the model gives no scores.</exception>
    public static LabelScore[][] Classify(Prediction prediction, TextBatch texts)
    {
        var outputs = TextScores.Find(prediction, texts.Count);
        var count = (int)outputs.Shape[1];
        var function = TextScores.FunctionOf(prediction.Model, texts.Options, count);
        var classified = new LabelScore[texts.Count][];
        var scores = new float[count];
        for (var row = 0; row < classified.Length; row++)
        {
            TextScores.Apply(function, outputs.Values<float>().Slice(row * count, count), scores);
            classified[row] = Sort(scores, prediction.Model);
        }

        return classified;
    }

    /// <summary>The label of an output; <c>LABEL_0</c> and so on, as in Hugging Face's configurations, where the model has none.</summary>
    public static string LabelOf(Model model, int index) => index < model.Labels.Length ? model.Labels[index] : $"LABEL_{index}";

    /// <summary>Labels with equal scores keep the order of the model.</summary>
    private static LabelScore[] Sort(float[] scores, Model model) =>
        [.. scores.Select((score, index) => new LabelScore(LabelOf(model, index), score)).OrderByDescending(label => label.Score)];
}
