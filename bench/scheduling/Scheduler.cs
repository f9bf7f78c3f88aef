using BenchmarkDotNet.Attributes;
using Inference.Compute;

namespace SchedulingBench;

/// <summary>Measures the governor's cost per run, with a free slot and with a queue of waiting models.</summary>
[MemoryDiagnoser]
public class Scheduler : IDisposable
{
    private const int Runs = 1024;

    private readonly Queue<Grant> _granted = new();
    private readonly Governor _governor;
    private Model[] _models = [];

    public Scheduler() => _governor = new Governor(1, (grant, _) => _granted.Enqueue(grant));

    [Params(1, 8, 64)]
    public int Models { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _models = new Model[Models];
        for (var i = 0; i < Models; i++)
            _models[i] = new Model(_governor);
    }

    [Benchmark]
    public void RunAtOnce() => _governor.Exit(_models[0], _governor.TryEnter(_models[0]), TimeSpan.FromTicks(100));

    [Benchmark(OperationsPerInvoke = Runs)]
    public void RunInLine()
    {
        foreach (var model in _models)
            _governor.Enqueue(model);
        for (var run = 0; run < Runs; run++)
        {
            var grant = _granted.Dequeue();
            // Each model queues again before the governor chooses the next one. The last runs do not queue again, so that the queue is
            // empty at the end.
            ((Model)grant.Client).HasWork = run < Runs - Models;
            grant.Execute();
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _governor.Dispose();
        GC.SuppressFinalize(this);
    }

    private sealed class Model(Governor governor) : ComputeClient
    {
        public bool HasWork { get; set; }

        public override ValueTask<TimeSpan?> RunNextAsync()
        {
            governor.OnBatchFormed(this, HasWork);
            return ValueTask.FromResult<TimeSpan?>(TimeSpan.FromTicks(100));
        }
    }
}
