using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols;

/// <summary>Finds the outputs from which scores and embeddings are made.</summary>
internal static class PredictionOutputs
{
    /// <returns>The first FP32 output with the rank; null when there is none.</returns>
    /// <param name="rows">The size that the first dimension must have; null for any.</param>
    public static Tensor? FindFloats(this Prediction prediction, int rank, int? rows = null) =>
        prediction.Outputs.FirstOrDefault(output =>
            output.Tensor is { Type: ElementType.Float32 } tensor && tensor.Shape.Rank == rank
            && (rows is null || tensor.Shape[0] == rows)).Tensor;
}
