using Inference.Compute;
using Inference.Models;
using Inference.Tensors;
using Inference.Testing;
using Inference.Tests.Catalog;

namespace Inference.Tests.Compute;

public sealed class ComputeThreadTests
{
    [Fact]
    public async Task LastUserIsARunOnAComputeThread_SessionWhoseEndWaitsForTheGovernor_Ends()
    {
        using var governor = new Governor(slots: 1);
        await using var session = new PreparingSession();
        var model = TestLoadedModel.Create("m", session);
        using var input = Tensor.Rent(ElementType.Float32, new Shape(1, 2));
        var queue = model.GetQueue(governor, TimeProvider.System);

        var run = queue.RunAsync([input], [0], default, CancellationToken.None).AsTask();
        await session.Entered.WaitAsync(WaitLimit.Step);
        session.Preparation = new BackgroundJob(governor).RunAsync(() => true, slots: 1, CancellationToken.None);
        // Releases the slot's use of the model, so that the run is the last user.
        model.Release();
        session.Leave.Set();

        (await run.WaitAsync(WaitLimit.Step))[0].Dispose();
        await session.Ended.WaitAsync(WaitLimit.Step);
        Assert.True(session.PreparationEnded);
        // The result of the preparation is set before its slot is free.
        Assert.True(SpinWait.SpinUntil(() => governor.FreeSlots == 1, WaitLimit.Step));
    }

    /// <summary>A session whose end waits for its preparation, which runs on the governor's slots.</summary>
    private sealed class PreparingSession : IModelSession
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Entered => _entered.Task;

        public Task Ended => _ended.Task;

        public ManualResetEventSlim Leave { get; } = new();

        public Task<bool>? Preparation { get; set; }

        public bool PreparationEnded { get; private set; }

        public ModelSignature Signature => FakeModelRuntime.Doubler;

        public ExecutionPlan Plan => ExecutionPlan.Default;

        public bool ComputesInProcess => true;

        public ValueTask<Tensor[]> RunAsync(
            IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken)
        {
            _entered.SetResult();
            Leave.Wait(cancellationToken);
            return ValueTask.FromResult<Tensor[]>([FakeModelRuntime.Double(inputs[0])]);
        }

        public async ValueTask DisposeAsync()
        {
            if (_ended.Task.IsCompleted)
                return;
            PreparationEnded = await Preparation!;
            Leave.Dispose();
            _ended.SetResult();
        }
    }
}
