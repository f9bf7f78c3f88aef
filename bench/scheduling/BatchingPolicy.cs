using BenchmarkDotNet.Attributes;
using Inference.Batching;

namespace SchedulingBench;

/// <summary>Nanoseconds to choose a batch of at most 32 items from requests of one item, and from a mixture.</summary>
[MemoryDiagnoser]
public class BatchingPolicy
{
    private const int MaxBatch = 32;

    private WaitingRequest[] _waiting = [];
    private int[] _takes = [];

    [Params(1, 16, 256)]
    public int Requests { get; set; }

    /// <summary>One of eight is larger than a batch, one of four does not fit the first.</summary>
    [Params(false, true)]
    public bool Mixed { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _takes = new int[Requests];
        _waiting = new WaitingRequest[Requests];
        for (var i = 0; i < Requests; i++)
        {
            var isLarge = Mixed && i % 8 == 3;
            _waiting[i] = new WaitingRequest(isLarge ? 2 * MaxBatch : 1, Splits: isLarge, FitsFirst: !Mixed || i % 4 != 2);
        }
    }

    [Benchmark]
    public TimeSpan Form() => BatchFormation.Form(BatchPolicy.Default, MaxBatch, _waiting, TimeSpan.Zero, _takes);
}
