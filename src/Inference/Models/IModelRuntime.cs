using System.Collections.Immutable;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>Runs models: ONNX Runtime in this process, or another server.</summary>
public interface IModelRuntime
{
    /// <summary>Estimates the memory that a model uses in this process.</summary>
    /// <param name="size">The size of the model's files in bytes.</param>
    MemoryEstimate EstimateMemory(long size, ModelSettings settings) => new(Loading: size, Loaded: size);

    /// <summary>Reads small parts of a model file, to find a reason why the file cannot be loaded.</summary>
    /// <param name="file">The file, which is seekable.</param>
    /// <returns>The reason and what to do, in one or more sentences; null when a load may succeed.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    Task<string?> FindProblemAsync(Stream file, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>Loads a model.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the model does not load, with the reason and what to do.
    /// </exception>
    Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken);
}

/// <summary>A loaded model. Runs may overlap. Dispose the session only after the last run has ended, and not on a compute thread.</summary>
public interface IModelSession : IAsyncDisposable
{
    ModelSignature Signature { get; }

    /// <summary>The fastest known way to run the model. The plan may change while the session lives.</summary>
    ExecutionPlan Plan { get; }

    /// <summary>
    /// Whether requests may share runs, as far as the server knows. The verdict changes at most twice while the session lives.
    /// </summary>
    BatchVerdict BatchVerdict => BatchVerdict.Unexamined;

    /// <summary>Completes when <see cref="BatchVerdict"/> is final. The task never fails.</summary>
    Task BatchExamined => Task.CompletedTask;

    /// <summary>
    /// Starts the examination that decides <see cref="BatchVerdict"/>, unless it has started. Without this call, the examination waits for
    /// a moment, so that the first request runs before it.
    /// </summary>
    void BeginExamination()
    {
    }

    /// <summary>
    /// Offers inputs that the model is known to accept. The session may use them to examine the model. The caller remains the owner of the
    /// inputs.
    /// </summary>
    void OfferSample(IReadOnlyList<Tensor> inputs)
    {
    }

    /// <summary>
    /// Whether a run computes in this process, on the thread that starts it. Such a run needs compute slots. A run on another server needs
    /// no slots; the model's settings limit the number of such runs.
    /// </summary>
    bool ComputesInProcess { get; }

    /// <summary>The libraries of operators that were loaded for the model besides the runtime's own.</summary>
    ImmutableArray<string> OperatorLibraries => [];

    /// <summary>The reason why runs fail at the moment, with the time of the next attempt; null when no such reason is known.</summary>
    InferenceException? KnownFault => null;

    /// <summary>
    /// Updates <see cref="KnownFault"/>, if the session can check it without a run. The check is fast. No new check is made while the last
    /// result is recent.
    /// </summary>
    /// <returns>The updated value of <see cref="KnownFault"/>.</returns>
    Task<InferenceException?> CheckAsync(CancellationToken cancellationToken) => Task.FromResult(KnownFault);

    /// <summary>Runs the model once.</summary>
    /// <param name="inputs">All inputs in the signature's order, checked against it. The caller remains the owner of the inputs.</param>
    /// <param name="outputs">The positions of the requested outputs in the signature.</param>
    /// <param name="deadline">
    /// The time after which no caller waits for the outputs. The cancellation token is cancelled at that time or earlier.
    /// </param>
    /// <returns>The outputs in the requested order, which the caller disposes.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>; from another server also <see cref="InferenceError.Overloaded"/>,
    /// <see cref="InferenceError.ModelUnavailable"/> or <see cref="InferenceError.DeadlineExceeded"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, before or during the run.</exception>
    ValueTask<Tensor[]> RunAsync(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken);
}
