using Inference.Models;
using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;
using Inference.Text;

namespace Inference.Protocols.Text;

/// <summary>Finds and checks the outputs of a model that classifies tokens or fills masks.</summary>
internal static class TokenScores
{
    /// <returns>The first FP32 output of rank 3 with a row for each text.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: the model has no such output.</exception>
    public static Tensor Find(Prediction prediction, int count) =>
        prediction.FindFloats(rank: 3, rows: count)
        ?? throw new InferenceException(
            InferenceError.RuntimeFailure,
            $"The model returns no scores for tokens: it has no FP32 output of rank 3. Correct \"task\" in its {ModelSettings.FileName}.");

    /// <summary>
    /// Throws if a model whose task is to fill masks has far fewer scores than tokens. Such a model classifies tokens. A tokenizer may have
    /// slightly more tokens than its model has scores.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the model returns too few scores.</exception>
    public static void ThrowIfTooFewScores(Model model, Tokenizer tokenizer)
    {
        if (model.Task != ModelTask.FillMask
            || model.Signature.Outputs.FirstOrDefault(output => output is { Type: ElementType.Float32, Shape.Rank: 3 }) is not { } scores
            || scores.Shape.Dimensions[^1] == Shape.Dynamic || scores.Shape.Dimensions[^1] >= tokenizer.VocabularySize / 2)
        {
            return;
        }

        var count = Counted.Text(scores.Shape.Dimensions[^1], "score");
        throw new InferenceException(
            InferenceError.ModelUnavailable,
            $"Model {model.Id} cannot fill masks: output \"{scores.Name}\" has {count} for each token of a text, but the vocabulary has "
            + $"{Counted.Text(tokenizer.VocabularySize, "token")}. Correct \"task\" in its {ModelSettings.FileName}.");
    }
}
