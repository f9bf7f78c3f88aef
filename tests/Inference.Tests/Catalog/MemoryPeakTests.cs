using Inference.Catalog;
using Inference.Catalog.Memory;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Tests.Catalog;

/// <summary>The process may use 1000 bytes, and its models 600 bytes. A load uses three times the memory of the loaded model.</summary>
public sealed class MemoryPeakTests : IAsyncLifetime
{
    private const long ProcessLimit = 1000;
    private const long Limit = 600;

    private readonly FakeModelStore _store = new();
    private readonly GrowingRuntime _runtime = new();
    private readonly MemoryBudget _budget;
    private readonly ModelCatalog _catalog;

    public MemoryPeakTests()
    {
        _budget = new MemoryBudget(Limit, ProcessLimit, () => _runtime.Resident, TimeProvider.System, NullLogger<MemoryBudget>.Instance);
        _catalog = TestCatalog.Create(_store, _runtime, _budget);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _catalog.DisposeAsync();

    [Fact]
    public async Task Lease_PeakDoesNotFitInTheProcess_IsRefusedWithTheNumbersAndUnloadsNothing()
    {
        Add("small", 100);
        Add("large", 350);
        (await LeaseAsync("small")).Dispose();

        var error = await Assert.ThrowsAsync<InferenceException>(() => LeaseAsync("large"));

        Assert.Matches("needs up to 1050 bytes while it loads, but [0-9]+ of the 1000 bytes", error.Message);
        Assert.True(IsReady("small"));
    }

    [Fact]
    public async Task Lease_PeakFitsWithoutAnotherModel_UnloadsThatModel()
    {
        Add("first", 200);
        Add("second", 300);
        (await LeaseAsync("first")).Dispose();

        (await LeaseAsync("second")).Dispose();

        Assert.Equal((false, true), (IsReady("first"), IsReady("second")));
    }

    [Fact]
    public async Task Load_UsesMoreThanTheBudget_OthersAreUnloadedAtOnce()
    {
        Add("first", 100);
        Add("second", 100);
        (await LeaseAsync("first")).Dispose();
        _runtime.Growth = 6;

        (await LeaseAsync("second")).Dispose();

        await _runtime.Disposed.WaitAsync(WaitLimit.Step);
        Assert.Equal((false, true), (IsReady("first"), IsReady("second")));
    }

    [Fact]
    public async Task TryReserve_NoRoomBesideTheModels_UnloadsNone()
    {
        Add("first", 200);
        (await LeaseAsync("first")).Dispose();

        Assert.Null(_budget.TryReserve(801));
        using var fits = _budget.TryReserve(800);

        Assert.NotNull(fits);
        Assert.True(IsReady("first"));
    }

    [Fact]
    public async Task Lease_ReservationHasTheMemory_IsReclaimedAndTheLoadWaits()
    {
        Add("first", 200);
        var reservation = _budget.TryReserve(500)!;

        var load = LeaseAsync("first");
        var reclaimed = new TaskCompletionSource();
        await using (reservation.ReclaimToken.Register(reclaimed.SetResult))
            await reclaimed.Task.WaitAsync(WaitLimit.Step);
        Assert.False(load.IsCompleted);
        reservation.Dispose();

        (await load.WaitAsync(WaitLimit.Step)).Dispose();
        Assert.True(IsReady("first"));
    }

    private void Add(string name, long size) => _store.Add(name, 1, "1", size);

    private Task<ModelLease> LeaseAsync(string name) =>
        _catalog.LeaseAsync(ModelName.Parse(name), default, CancellationToken.None).AsTask();

    private bool IsReady(string name) =>
        _catalog.ListAsync(ModelName.Parse(name), CancellationToken.None).GetAwaiter().GetResult().Single().State == ModelState.Ready;

    /// <summary>
    /// A runtime whose loads increase the memory of the process by the size of the model times <see cref="Growth"/>. The disposal of the
    /// session decreases the memory again.
    /// </summary>
    private sealed class GrowingRuntime : IModelRuntime
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _resident;

        public long Resident => Volatile.Read(ref _resident);

        public long Growth { get; set; } = 1;

        /// <summary>Completes when the first session was disposed.</summary>
        public Task Disposed => _disposed.Task;

        public MemoryEstimate EstimateMemory(long size, ModelSettings settings) => new(3 * size, size);

        public Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken)
        {
            var bytes = Growth * files.Size!.Value;
            Interlocked.Add(ref _resident, bytes);
            return Task.FromResult<IModelSession>(new Session(() =>
            {
                Interlocked.Add(ref _resident, -bytes);
                _disposed.TrySetResult();
            }));
        }

        private sealed class Session(Action disposed) : IModelSession
        {
            public ModelSignature Signature => FakeModelRuntime.Doubler;

            public ExecutionPlan Plan => ExecutionPlan.Default;

            public bool ComputesInProcess => true;

            public ValueTask<Tensor[]> RunAsync(
                IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken) =>
                ValueTask.FromResult<Tensor[]>([FakeModelRuntime.Double(inputs[0])]);

            public ValueTask DisposeAsync()
            {
                disposed();
                return ValueTask.CompletedTask;
            }
        }
    }
}
