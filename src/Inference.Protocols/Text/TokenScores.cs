using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Text;

/// <summary>Finds the outputs of a model that classifies tokens or fills masks.</summary>
internal static class TokenScores
{
    /// <returns>The first FP32 output of rank 3 with a row for each text.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: the model has no such output.</exception>
    public static Tensor Find(Prediction prediction, int count) =>
        prediction.FindFloats(rank: 3, rows: count)
        ?? throw new InferenceException(
            InferenceError.RuntimeFailure,
            $"The model returns no scores for tokens: it has no FP32 output of rank 3. Correct \"task\" in its {ModelSettings.FileName}.");
}
