using System.Collections.Immutable;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>Runs models: ONNX Runtime in this process, or another server.</summary>
public interface IModelRuntime
{
    /// <summary>The memory that a model takes here.</summary>
    /// <param name="size">Bytes of its files.</param>
    MemoryEstimate EstimateMemory(long size, ModelSettings settings) => new(Loading: size, Loaded: size);

    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the model does not load, with the reason and what to do.
    /// </exception>
    Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken);
}

/// <summary>A loaded model. Runs may overlap; dispose only after the last one ended, and not on a compute thread.</summary>
public interface IModelSession : IAsyncDisposable
{
    ModelSignature Signature { get; }

    /// <summary>May become another one while the session lives.</summary>
    ExecutionPlan Plan { get; }

    /// <summary>
    /// Whether requests may share runs, as far as the server has found out. It changes at most twice while the session lives.
    /// </summary>
    BatchVerdict BatchVerdict => BatchVerdict.Unexamined;

    /// <summary>Completes when <see cref="BatchVerdict"/> is final. It never fails.</summary>
    Task BatchExamined => Task.CompletedTask;

    /// <summary>Tells a session that its model takes these inputs, which are its owner's. They stay the caller's.</summary>
    void OfferSample(IReadOnlyList<Tensor> inputs)
    {
    }

    /// <summary>
    /// Whether a run computes in this process, on the thread that starts it: then it is started on compute slots. Another server's
    /// runs take none; how many there are at once, the model's settings say.
    /// </summary>
    bool ComputesHere { get; }

    /// <summary>The libraries of operators that were loaded for the model beside the runtime's own.</summary>
    ImmutableArray<string> OperatorLibraries => [];

    /// <summary>The reason why runs fail at the moment, with the time of the next try; null when no such reason is known.</summary>
    InferenceException? Unavailable => null;

    /// <summary>
    /// <see cref="Unavailable"/>, for sessions that can find out: they ask, soon and at most once in a while, without a run.
    /// </summary>
    Task<InferenceException?> CheckAsync(CancellationToken cancellationToken) => Task.FromResult(Unavailable);

    /// <summary>Runs the model once.</summary>
    /// <param name="inputs">All of them in the signature's order, checked against it; they stay the caller's.</param>
    /// <param name="outputs">Positions in the signature of the outputs wanted.</param>
    /// <param name="deadline">When nobody waits for the outputs any more. The token fires by then.</param>
    /// <returns>The outputs in the order asked for; the caller disposes them.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>; of another server also <see cref="InferenceError.Overloaded"/>,
    /// <see cref="InferenceError.ModelUnavailable"/> or <see cref="InferenceError.DeadlineExceeded"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, before or during the run.</exception>
    ValueTask<Tensor[]> RunAsync(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken);
}
