using System.Diagnostics;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;
using Inference.Testing;

namespace EngineBench;

/// <summary>
/// A model y = x on [batch, 2] whose run computes for a fixed time plus a time per item, like a model that is bound by reading its weights.
/// </summary>
internal sealed class SpinRuntime(TimeSpan run, TimeSpan item, ExecutionPlan plan) : IModelRuntime
{
    private long _runs;
    private long _items;

    public double ItemsPerRun => (double)_items / Math.Max(1, _runs);

    public void Reset() => (_runs, _items) = (0, 0);

    public Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken) =>
        Task.FromResult<IModelSession>(new Session(this, run, item, plan));

    private sealed class Session(SpinRuntime runtime, TimeSpan run, TimeSpan item, ExecutionPlan plan) : IModelSession
    {
        public ModelSignature Signature => FakeModelRuntime.Doubler;

        public ExecutionPlan Plan => plan;

        public bool ComputesInProcess => true;

        public ValueTask<Tensor[]> RunAsync(
            IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken)
        {
            var items = inputs[0].Shape[0];
            Interlocked.Increment(ref runtime._runs);
            Interlocked.Add(ref runtime._items, items);
            var (started, time) = (Stopwatch.GetTimestamp(), run + (items * item));
            while (Stopwatch.GetElapsedTime(started) < time)
                Thread.SpinWait(10);
            var output = Tensor.Rent(ElementType.Float32, inputs[0].Shape);
            inputs[0].Data.CopyTo(output.Data);
            return ValueTask.FromResult<Tensor[]>([output]);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
