using System.Collections.Immutable;
using Inference.Models.Settings;
using Inference.Requests;

namespace Inference.Protocols.Text;

/// <summary>
/// Scores the labels that a request names, as the pipeline of Hugging Face's transformers does. A model of natural language inference
/// decides for each label whether a sentence with the label follows from the text.
/// </summary>
internal static class ZeroShotClassifier
{
    /// <summary>Returns the labels with their scores, the highest first.</summary>
    /// <param name="row">The position of the text among the texts of the request.</param>
    /// <param name="isMultiLabel">
    /// Whether several labels may apply, so that each has a score of its own. Otherwise the scores add up to 1.
    /// </param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the model is not a natural language inference model, or a score is not finite.
    /// </exception>
    public static LabelScore[] Classify(Prediction prediction, TextBatch texts, int row, ImmutableArray<string> labels, bool isMultiLabel)
    {
        var outputs = TextScores.Find(prediction, texts.Count);
        var (count, entailment) = ((int)outputs.Shape[1], FindEntailment(prediction.Model.Labels));
        if (entailment < 0 || entailment >= count || count < 2)
        {
            throw new InferenceException(
                InferenceError.RuntimeFailure,
                $"The model returns {Counted.Text(count, "score")}, and none of its labels starts with \"entail\": it is not a model of "
                + "natural language "
                + $"inference. Correct \"task\" in its {ModelSettings.FileName}.");
        }

        var contradiction = entailment == 0 ? count - 1 : 0;
        var scores = new float[labels.Length];
        for (var label = 0; label < scores.Length; label++)
        {
            var output = outputs.Values<float>().Slice(((row * labels.Length) + label) * count, count);
            scores[label] = isMultiLabel || labels.Length == 1
                ? 1 / (1 + MathF.Exp(output[contradiction] - output[entailment]))
                : output[entailment];
        }

        TextScores.ConvertFinite(isMultiLabel || labels.Length == 1 ? ScoreFunction.None : ScoreFunction.Softmax, scores, scores);
        return TextClassifier.Sort(scores, index => labels[index]);
    }

    /// <returns>The index of the first label that starts with "entail" (the text implies the hypothesis); -1 if there is none.</returns>
    public static int FindEntailment(ImmutableArray<string> labels) =>
        labels.FirstOrDefault(label => label.StartsWith("entail", StringComparison.OrdinalIgnoreCase)) is { } found
            ? labels.IndexOf(found)
            : -1;
}
