using Inference.Models;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Text;

/// <summary>Converts the outputs of a classifier to the labels of texts.</summary>
internal static class TextClassifier
{
    /// <returns>The scores of all labels for each text, the highest first.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: the model returns no scores.</exception>
    public static LabelScore[][] Classify(Prediction prediction, TextBatch texts) =>
        Classify(TextScores.Find(prediction, texts.Count), prediction.Model, texts.Options);

    /// <param name="outputs">FP32 of shape [items, labels].</param>
    public static LabelScore[][] Classify(Tensor outputs, Model model, TextOptions options)
    {
        var count = (int)outputs.Shape[1];
        var scoreFunction = TextScores.ScoreFunctionOf(model, options, count);
        var classified = new LabelScore[outputs.Shape[0]][];
        var scores = new float[count];
        for (var row = 0; row < classified.Length; row++)
        {
            TextScores.ConvertFinite(scoreFunction, outputs.Values<float>().Slice(row * count, count), scores);
            classified[row] = Sort(scores, index => GetLabel(model, index));
        }

        return classified;
    }

    /// <summary>
    /// Returns the label of a class. Default: <c>LABEL_0</c> for class 0 and so on, as in Hugging Face's configurations.
    /// </summary>
    public static string GetLabel(Model model, int classIndex) =>
        classIndex < model.Labels.Length ? model.Labels[classIndex] : $"LABEL_{classIndex}";

    /// <summary>Sorts labels by their scores, the highest first. Equal scores keep the order of the model.</summary>
    public static LabelScore[] Sort(float[] scores, Func<int, string> labelOf) =>
        [.. scores.Select((score, index) => new LabelScore(labelOf(index), score)).OrderByDescending(label => label.Score)];
}
