using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics;
using Inference.Models;
using Inference.Tensors;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx;

/// <summary>
/// Reports runs that use more memory than the estimate for their model. The estimate can be too low, because a model's file does not show
/// the size of intermediate results. Only the first run of each class of similar input shapes is measured. The memory of a run is the new
/// peak of the process's resident memory, minus the resident memory before the run. The peak is used because a run frees its intermediate
/// results before it ends.
/// </summary>
/// <param name="estimate">The number of bytes that a run may use without a report.</param>
internal sealed class RunMemory(ModelId id, long estimate, TimeProvider time, ILogger logger)
{
    /// <summary>The maximum number of classes of shapes. After this number of classes, no more runs are measured.</summary>
    private const int MaxClasses = 256;

    /// <summary>The minimum time between two reports.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<ulong, bool> _measuredClasses = new();
    private long _lastReport = long.MinValue;
    private int _classCount;

    /// <summary>
    /// Starts to measure a run on the calling thread. Dispose the measurement after the run. A run of known shapes costs one table lookup.
    /// </summary>
    public Measurement Begin(IReadOnlyList<Tensor> inputs)
    {
        var shapeClass = GetShapeClass(inputs);
        if (_measuredClasses.ContainsKey(shapeClass) || Volatile.Read(ref _classCount) >= MaxClasses || HasRecentReport
            || !_measuredClasses.TryAdd(shapeClass, true))
        {
            return default;
        }

        Interlocked.Increment(ref _classCount);
        return new Measurement(this, inputs);
    }

    /// <summary>
    /// Whether the last report is too recent for another report. Until the interval has passed, no run is measured. A new class of shapes
    /// is then measured at a later run.
    /// </summary>
    private bool HasRecentReport =>
        Interlocked.Read(ref _lastReport) is var last && last != long.MinValue && time.GetElapsedTime(last) < ReportInterval;

    /// <summary>
    /// Returns the class of the inputs' shapes, which depends on the ranks and on the powers of two around the dimensions. The class is a
    /// hash of 64 bits, because a list of the powers would be an allocation for every run. With at most <see cref="MaxClasses"/> classes, a
    /// collision is next to impossible.
    /// </summary>
    private static ulong GetShapeClass(IReadOnlyList<Tensor> inputs)
    {
        var hash = 0UL;
        for (var i = 0; i < inputs.Count; i++)
        {
            var shape = inputs[i].Shape;
            hash = Mix(hash, shape.Rank);
            foreach (var size in shape.Dimensions)
                hash = Mix(hash, BitOperations.Log2((ulong)size + 1));
        }

        return hash;
    }

    /// <summary>
    /// Adds a number to a hash. The rotation moves high bits down, and the multiplication spreads low bits upwards. The multiplier is 2^64
    /// divided by the golden ratio (Fibonacci hashing).
    /// </summary>
    private static ulong Mix(ulong hash, int value) => (BitOperations.RotateLeft(hash, 29) ^ (ulong)(value + 1)) * 0x9E3779B97F4A7C15;

    private void Report(IReadOnlyList<Tensor> inputs, long growth)
    {
        if (growth <= estimate)
            return;
        Interlocked.Exchange(ref _lastReport, time.GetTimestamp());
        var shapes = string.Join(", ", inputs.Select(input => input.Shape.ToString()));
        logger.RunTookMemory(id, Quote.ShortenMessage(shapes), growth, estimate);
    }

    /// <summary>A measured run; the default value measures nothing.</summary>
    internal readonly struct Measurement : IDisposable
    {
        private readonly RunMemory? _owner;
        private readonly IReadOnlyList<Tensor>? _inputs;
        private readonly long _residentBefore;
        private readonly long _peakBefore;

        public Measurement(RunMemory owner, IReadOnlyList<Tensor> inputs)
        {
            using var process = Process.GetCurrentProcess();
            (_owner, _inputs, _residentBefore, _peakBefore) = (owner, inputs, process.WorkingSet64, process.PeakWorkingSet64);
        }

        public void Dispose()
        {
            if (_owner is null)
                return;
            using var process = Process.GetCurrentProcess();
            // An unchanged peak is from before the run, so it shows nothing about the run.
            if (process.PeakWorkingSet64 is var peak && peak > _peakBefore)
                _owner.Report(_inputs!, peak - _residentBefore);
        }
    }
}
