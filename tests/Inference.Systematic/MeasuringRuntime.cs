using System.Globalization;
using Inference.Compute;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Coyote.Specifications;

namespace Inference.Systematic;

/// <summary>
/// A runtime whose models output the number in the tag of their files. Each session measures itself in the background after its load, as a
/// session of ONNX Runtime does.
/// </summary>
internal sealed class MeasuringRuntime(Governor governor) : IModelRuntime
{
    private readonly object _gate = new();
    private readonly List<Task> _ends = [];

    /// <summary>
    /// Completes when all sessions have ended. If a session does not end, the task never completes, and Coyote reports a deadlock.
    /// </summary>
    public Task WhenAllHaveEndedAsync()
    {
        lock (_gate)
            return Task.WhenAll(_ends);
    }

    public async Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var session = new Session(governor, float.Parse(files.ModelPath, CultureInfo.InvariantCulture));
        lock (_gate)
            _ends.Add(session.Ended);
        return session;
    }

    private sealed class Session : IModelSession
    {
        private const int Turns = 2;

        private readonly float _answer;
        private readonly CancellationTokenSource _stop = new();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _measurement;
        private volatile bool _isDisposed;

        public Session(Governor governor, float answer)
        {
            _answer = answer;
            _measurement = MeasureAsync(new BackgroundJob(governor));
        }

        public Task Ended => _ended.Task;

        public ModelSignature Signature => FakeModelRuntime.Doubler;

        public ExecutionPlan Plan { get; } = new(Threads: 1, MaxBatch: 4);

        public bool ComputesInProcess => true;

        public ValueTask<Tensor[]> RunAsync(
            IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken)
        {
            Specification.Assert(!_isDisposed, "A model is run after its end.");
            var output = Tensor.Rent(ElementType.Float32, inputs[0].Shape);
            output.Values<float>().Fill(_answer);
            return ValueTask.FromResult<Tensor[]>([output]);
        }

        public async ValueTask DisposeAsync()
        {
            _stop.Cancel();
            await _measurement;
            _isDisposed = true;
            _ended.SetResult();
        }

        private async Task MeasureAsync(BackgroundJob job)
        {
            try
            {
                for (var turn = 0; turn < Turns; turn++)
                    await job.RunAsync(Measure, job.Slots, _stop.Token);
            }
            catch (OperationCanceledException)
            {
            }
        }

        private bool Measure()
        {
            Specification.Assert(!_isDisposed, "A model is measured after its end.");
            return true;
        }
    }
}
