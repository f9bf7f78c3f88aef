using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>
/// Runs a session for one turn of a measurement. A turn is a few milliseconds of equal runs. A measurement alternates turns of the compared
/// batch sizes, or of the compared sessions.
/// </summary>
/// <param name="size">The number of items in <paramref name="inputs"/>, and the number of simultaneous runs.</param>
/// <param name="cancellationToken">Terminates the runs of the turn.</param>
/// <returns>The mean time of a run, and the time of the turn.</returns>
internal delegate (TimeSpan RunTime, TimeSpan TotalTime) MeasureTurn(
    OnnxSession session, Tensor[] inputs, BatchTime size, CancellationToken cancellationToken);
