using Inference.Models.Settings;
using Inference.Requests;

namespace Inference.Protocols.Text;

/// <summary>Converts the outputs of a cross-encoder to the scores of pairs of a query and a text.</summary>
internal static class TextRanker
{
    /// <returns>A score for each pair, in the order of the batch.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the model does not return one finite score for each pair.
    /// </exception>
    public static float[] Score(Prediction prediction, TextBatch texts)
    {
        var outputs = TextScores.Find(prediction, texts.Count);
        if (outputs.Shape[1] != 1)
        {
            throw new InferenceException(
                InferenceError.RuntimeFailure,
                $"The model returns {outputs.Shape[1]} scores for each pair of texts; ranking needs one. Correct \"task\" in "
                + $"its {ModelSettings.FileName}.");
        }

        var scores = new float[texts.Count];
        var scoreFunction = TextScores.ScoreFunctionOf(prediction.Model, texts.Options, labelCount: 1);
        TextScores.ConvertFinite(scoreFunction, outputs.Values<float>(), scores);
        return scores;
    }
}
