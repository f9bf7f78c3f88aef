using Inference.Models.Contracts;

namespace Inference.Onnx.Preparation;

/// <summary>The result of an examination.</summary>
/// <param name="IsFinal">Whether another examination of the same files would have the same result, so that the verdict can be kept.</param>
internal sealed record ExaminationResult(BatchVerdict Verdict, bool IsFinal);
