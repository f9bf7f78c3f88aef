using System.Numerics.Tensors;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Requests;
using Tensor = Inference.Tensors.Tensor;

namespace Inference.Protocols.Text;

/// <summary>Converts a classifier's outputs to scores.</summary>
internal static class TextScores
{
    /// <summary>Finds the outputs of the classifier: its first FP32 output of rank 2 with a row for each item.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: the model has no such output.</exception>
    public static Tensor Find(Prediction prediction, int count) =>
        prediction.FindFloats(rank: 2, rows: count)
        ?? throw new InferenceException(
            InferenceError.RuntimeFailure,
            $"The model returns no scores: it has no FP32 output of rank 2 with {Counted.Text(count, "row")}. Correct \"task\" in "
            + $"its {ModelSettings.FileName}.");

    /// <summary>
    /// Returns the function that the request sets. Default: the function in the model's settings, or else sigmoid for one label and softmax
    /// for several.
    /// </summary>
    public static ScoreFunction ScoreFunctionOf(Model model, TextOptions options, int labelCount) =>
        options.Scores ?? model.Text?.Scores ?? model.Image?.Scores ?? (labelCount == 1 ? ScoreFunction.Sigmoid : ScoreFunction.Softmax);

    /// <summary>Converts outputs to scores, and checks that the scores are finite.</summary>
    /// <param name="scores">Receives one score per output.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: a score is not finite.</exception>
    public static void ConvertFinite(ScoreFunction function, ReadOnlySpan<float> outputs, Span<float> scores)
    {
        Convert(function, outputs, scores);
        foreach (var score in scores)
        {
            if (!float.IsFinite(score))
            {
                throw new InferenceException(
                    InferenceError.RuntimeFailure,
                    $"The model computed the score {score}. Check the weights of the model, and their precision.");
            }
        }
    }

    /// <summary>Converts outputs to scores without a check, for responses that can contain NaN and infinities.</summary>
    public static void Convert(ScoreFunction function, ReadOnlySpan<float> outputs, Span<float> scores)
    {
        switch (function)
        {
            case ScoreFunction.None:
                outputs.CopyTo(scores);
                break;
            case ScoreFunction.Sigmoid:
                TensorPrimitives.Sigmoid(outputs, scores);
                break;
            case ScoreFunction.Softmax:
                // The largest output is subtracted, so that no exponential is infinite.
                TensorPrimitives.Subtract(outputs, TensorPrimitives.Max(outputs), scores);
                TensorPrimitives.SoftMax(scores, scores);
                break;
        }
    }
}
