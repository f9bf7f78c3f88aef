using BenchmarkDotNet.Attributes;
using Inference.Batching;

namespace SchedulingBench;

/// <summary>Measures the nanoseconds to choose a batch of at most 32 items, from requests of one item or from a mixture of sizes.</summary>
[MemoryDiagnoser]
public class BatchingPolicy
{
    private const int MaxBatch = 32;

    private WaitingRequest[] _waiting = [];
    private int[] _takes = [];

    [Params(1, 16, 256)]
    public int Requests { get; set; }

    /// <summary>
    /// Whether the requests differ: one of eight is larger than a batch, and one of four cannot share a batch with the first request.
    /// </summary>
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
            _waiting[i] = new WaitingRequest(isLarge ? 2 * MaxBatch : 1, IsSplittable: isLarge, FitsWithFirst: !Mixed || i % 4 != 2);
        }
    }

    [Benchmark]
    public TimeSpan Form() => BatchFormation.Form(BatchPolicy.Default, MaxBatch, _waiting, TimeSpan.Zero, _takes);
}
