using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>What runs models: ONNX Runtime here, or another server.</summary>
public interface IModelRuntime
{
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the model does not load, with the reason and what to do.
    /// </exception>
    Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ExecutionSettings settings, CancellationToken cancellationToken);
}

/// <summary>A loaded model. Runs may overlap; dispose only after the last one ended.</summary>
public interface IModelSession : IDisposable
{
    ModelSignature Signature { get; }

    /// <summary>May become another one while the session lives.</summary>
    ExecutionPlan Plan { get; }

    /// <summary>
    /// Whether a run computes in this process, on the thread that starts it: then it is started on compute slots and in batches.
    /// A session of another server leaves both to that server.
    /// </summary>
    bool ComputesHere { get; }

    /// <summary>Runs the model once.</summary>
    /// <param name="inputs">All of them in the signature's order, checked against it; they stay the caller's.</param>
    /// <param name="outputs">Positions in the signature of the outputs wanted.</param>
    /// <returns>The outputs in the order asked for; the caller disposes them.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/> or <see cref="InferenceError.Overloaded"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, before or during the run.</exception>
    Task<Tensor[]> RunAsync(IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, CancellationToken cancellationToken);
}
