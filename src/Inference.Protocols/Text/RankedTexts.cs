using Inference.Models;
using Inference.Models.Settings;
using Inference.Requests;

namespace Inference.Protocols.Text;

/// <summary>Sorts the texts of a rerank call by their scores, the highest first. Equal scores keep the order of the request.</summary>
internal static class RankedTexts
{
    /// <summary>Whether a model ranks texts. A classifier with one label returns a score like a ranker.</summary>
    public static bool IsSupportedBy(ModelTask task, Model model) =>
        task == ModelTask.TextRanking || (task == ModelTask.TextClassification && model.Labels.Length <= 1);

    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the model does not return one finite score for each pair.
    /// </exception>
    public static IEnumerable<(int Index, float Score)> Rank(Prediction prediction, TextBatch texts)
    {
        var scores = TextRanker.Score(prediction, texts);
        return scores.Select((score, index) => (index, score)).OrderByDescending(text => text.score);
    }
}
