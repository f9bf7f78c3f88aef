using System.Globalization;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Coyote.Specifications;

namespace Inference.Systematic;

/// <summary>
/// A runtime whose models output the number in the tag of their files. It asserts that the engine follows the rules for loads, runs and
/// disposal.
/// </summary>
internal sealed class CheckedRuntime : IModelRuntime
{
    /// <summary>The number of models for which the scenario's memory budget has room.</summary>
    private const int MaxLive = 2;

    private readonly object _gate = new();
    private readonly HashSet<(ModelId, string)> _loading = [];

    private TaskCompletionSource? _noneIsLeft;
    private int _live;

    /// <summary>
    /// Completes when no model is in memory. If a model stays in memory, the task never completes, and Coyote reports a deadlock.
    /// </summary>
    public Task WhenNoneIsLeftAsync()
    {
        lock (_gate)
        {
            _noneIsLeft = new TaskCompletionSource();
            if (_live == 0)
                _noneIsLeft.SetResult();
            return _noneIsLeft.Task;
        }
    }

    public async Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Specification.Assert(_loading.Add((id, files.ModelPath)), "{0} is loaded twice at once.", id);
            Specification.Assert(++_live <= MaxLive, "{0} models are in memory, and there is room for {1}.", _live, MaxLive);
        }

        await Task.Yield();
        lock (_gate)
            _loading.Remove((id, files.ModelPath));
        return new Session(this, float.Parse(files.ModelPath, CultureInfo.InvariantCulture));
    }

    private void RecordDisposal()
    {
        lock (_gate)
        {
            if (--_live == 0)
                _noneIsLeft?.SetResult();
        }
    }

    private sealed class Session(CheckedRuntime runtime, float answer) : IModelSession
    {
        private bool _disposed;

        public ModelSignature Signature => FakeModelRuntime.Doubler;

        public ExecutionPlan Plan { get; } = new(Threads: 1, MaxBatch: 4);

        public bool ComputesInProcess => true;

        public async ValueTask<Tensor[]> RunAsync(
            IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken)
        {
            Specification.Assert(!_disposed, "A model is run after its end.");
            await Task.Yield();
            Specification.Assert(!_disposed, "A model is disposed while it runs.");
            var output = Tensor.Rent(ElementType.Float32, inputs[0].Shape);
            output.Values<float>().Fill(answer);
            return [output];
        }

        public ValueTask DisposeAsync()
        {
            Specification.Assert(!_disposed, "A model is disposed twice.");
            _disposed = true;
            runtime.RecordDisposal();
            return ValueTask.CompletedTask;
        }
    }
}
