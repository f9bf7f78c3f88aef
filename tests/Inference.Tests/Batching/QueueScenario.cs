using Inference.Batching;
using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Tensors;
using Inference.Testing;
using Inference.Tests.Catalog;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Batching;

/// <summary>The queue of one model. Each step happens only when the test makes it, on the test's thread.</summary>
internal sealed class QueueScenario : IDisposable
{
    private readonly LoadedModel _model;
    private bool _closed;
    private readonly SynchronizationContext? _context = SynchronizationContext.Current;

    /// <param name="layout">The axis of the rows in each tensor; null for the first axis of all tensors.</param>
    public QueueScenario(
        int slots = 1, int maxBatch = 8, BatchPolicy? policy = null, ModelSignature? signature = null,
        ContractChoice contract = ContractChoice.Declared,
        BatchLayout? layout = null)
    {
        // Without a context, a continuation runs on the thread that completes its task: the thread of the test.
        SynchronizationContext.SetSynchronizationContext(null);
        // A run uses one slot, also with two threads.
        signature ??= SignatureOf(layout, -1, -1);
        Session = new SteppedSession(signature, new ExecutionPlan(Threads: 2, maxBatch))
        {
            Layout = layout
            ?? BatchLayout.FromFirstAxis(signature)
        };
        Governor = new Governor(slots, (grant, _) => Grant(grant));
        _model = TestLoadedModel.Create("m", Session, contract);
        Queue = new BatchQueue(
            _model.Shared, (policy ?? BatchPolicy.Default) with { Contract = _model.Contract }, _model.Telemetry, Governor, Time);
    }

    public FakeTimeProvider Time { get; } = new();

    public Governor Governor { get; }

    public SteppedSession Session { get; }

    public BatchQueue Queue { get; }

    public BatchContract Contract => _model.Contract;

    /// <summary>
    /// Whether an audit waits for <see cref="Start"/>, as other grants do. Otherwise it runs and ends as soon as it is granted.
    /// </summary>
    public bool AuditsAreSteps { get; set; }

    /// <summary>The granted slots whose threads have not started.</summary>
    public List<Grant> Granted { get; } = [];

    public List<Caller> Callers { get; } = [];

    /// <summary>Adds a caller with one row for each value.</summary>
    public Caller Call(params float[] values) => Call(values, width: 1);

    public Caller Call(float[] values, int width, int outputs = 1, int priority = 0, float shared = 0, bool isAdmitted = false)
    {
        var caller = new Caller(_model.Lease(), Queue, values, width, outputs, priority, Session.Layout, shared, isAdmitted);
        Callers.Add(caller);
        return caller;
    }

    /// <summary>The signature of the model of <see cref="SteppedSession"/>.</summary>
    /// <param name="layout">The layout, which decides whether there is a second input.</param>
    public static ModelSignature SignatureOf(BatchLayout? layout, params long[] shape)
    {
        var shared = new TensorSpec("s", ElementType.Float32, new Shape(), []);
        return new ModelSignature(layout?.Inputs.Length > 1 ? [Spec("x"), shared] : [Spec("x")], [Spec("y"), Spec("z")]);

        TensorSpec Spec(string name) => new(name, ElementType.Float32, new Shape(shape), [.. shape.Select(_ => "")]);
    }

    /// <summary>Lets a granted thread form its batch and start the run.</summary>
    public void Start(int index = 0)
    {
        var grant = Granted[index];
        Granted.RemoveAt(index);
        grant.Execute();
    }

    public void StartAll()
    {
        while (Granted.Count > 0)
            Start();
    }

    /// <summary>Ends the oldest run.</summary>
    public void EndRun() => Session.Running[0].End();

    /// <summary>Starts grants and ends runs until there are none.</summary>
    public void Finish()
    {
        while (Granted.Count > 0 || Session.Running.Count > 0)
        {
            StartAll();
            if (Session.Running.Count > 0)
                EndRun();
        }
    }

    private void Grant(Grant grant)
    {
        if (grant.Client is not BatchAudit || AuditsAreSteps)
        {
            Granted.Add(grant);
            return;
        }

        Session.IsAudit = true;
        grant.Execute();
        Session.IsAudit = false;
    }

    /// <summary>Disposes the callers, which check their results. Then releases the model, as its catalog does at its end.</summary>
    public void Close()
    {
        foreach (var caller in Callers)
            caller.Dispose();
        Callers.Clear();
        _model.Release();
        _closed = true;
    }

    /// <summary>Waits for the end of the session, which has no users any more.</summary>
    public void AwaitEnd() => Assert.True(_model.Ended.Wait(WaitLimit.Step));

    /// <summary>
    /// Ends all runs, and releases the model as its catalog does at its end. Checks that all slots are free and the session was disposed
    /// once.
    /// </summary>
    public void Dispose()
    {
        Finish();
        Assert.Equal((0, 0, 0), Queue.Counts);
        Assert.Equal(Governor.Slots, Governor.FreeSlots);
        if (!_closed)
            _model.Release();
        foreach (var caller in Callers)
        {
            Assert.Equal(0, Session.Disposals);
            caller.Dispose();
        }

        AwaitEnd();
        Assert.Equal(1, Session.Disposals);
        Queue.Dispose();
        Governor.Dispose();
        SynchronizationContext.SetSynchronizationContext(_context);
    }
}
