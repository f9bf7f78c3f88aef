using System.Collections.Concurrent;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Testing;

/// <summary>A runtime whose models call <see cref="Run"/>: by default y = 2x, on FP32 tensors of shape [batch, 2].</summary>
public sealed class FakeModelRuntime : IModelRuntime
{
    public static readonly ModelSignature Doubler = Signature(Shape.Dynamic, 2);

    private int _loadCount;

    public int LoadCount => _loadCount;

    public ModelSignature ModelSignature { get; init; } = Doubler;

    public ExecutionPlan Plan { get; set; } = ExecutionPlan.Default;

    public bool ComputesInProcess { get; init; } = true;

    public BatchVerdict BatchVerdict { get; set; } = BatchVerdict.Unexamined;

    /// <summary>The exception that every load throws; null for none.</summary>
    public Exception? Failure { get; set; }

    public Func<Tensor, CancellationToken, Task<Tensor>> Run { get; set; } = (input, _) => Task.FromResult(Double(input));

    public ConcurrentBag<FakeSession> Sessions { get; } = [];

    public static ModelSignature Signature(params long[] shape)
    {
        var symbols = shape.Select(dimension => dimension == Shape.Dynamic ? "batch" : "").ToArray();
        return new ModelSignature(
            [new TensorSpec("x", ElementType.Float32, new Shape(shape), [.. symbols])],
            [new TensorSpec("y", ElementType.Float32, new Shape(shape), [.. symbols])]);
    }

    public static Tensor Double(Tensor input)
    {
        var output = Tensor.Rent(input.Type, input.Shape);
        for (var i = 0; i < output.Values<float>().Length; i++)
            output.Values<float>()[i] = 2 * input.Values<float>()[i];
        return output;
    }

    public Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _loadCount);
        if (Failure is { } failure)
            throw failure;
        var session = new FakeSession(this, ModelSignature);
        Sessions.Add(session);
        return Task.FromResult<IModelSession>(session);
    }
}

/// <summary>A session of <see cref="FakeModelRuntime"/>. It counts its runs.</summary>
public sealed class FakeSession(FakeModelRuntime runtime, ModelSignature signature) : IModelSession
{
    private int _runCount;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    public int RunCount => _runCount;

    public bool IsDisposed => _ended.Task.IsCompleted;

    /// <summary>Completes when the session is disposed.</summary>
    public Task Ended => _ended.Task;

    public int MaxConcurrentRuns { get; private set; }

    /// <summary>The shape of the first input of each call of <see cref="OfferSample"/>.</summary>
    public ConcurrentQueue<Shape> Offered { get; } = [];

    public ModelSignature Signature { get; } = signature;

    public ExecutionPlan Plan => runtime.Plan;

    public bool ComputesInProcess => runtime.ComputesInProcess;

    public BatchVerdict BatchVerdict => runtime.BatchVerdict;

    public async ValueTask<Tensor[]> RunAsync(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Interlocked.Increment(ref _runCount);
        lock (runtime)
            MaxConcurrentRuns = Math.Max(MaxConcurrentRuns, ++_running);
        try
        {
            return [await runtime.Run(inputs[0], cancellationToken)];
        }
        finally
        {
            lock (runtime)
                _running--;
        }
    }

    public void OfferSample(IReadOnlyList<Tensor> inputs) => Offered.Enqueue(inputs[0].Shape);

    public ValueTask DisposeAsync()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        _ended.SetResult();
        return ValueTask.CompletedTask;
    }
}
