using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics;
using Inference.Models;
using Inference.Tensors;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx;

/// <summary>
/// Reports runs that use more memory than the estimate for their model. The estimate can be too low, because a model's file does not show
/// the size of intermediate results. Only the first run of each class of similar input shapes is measured. The result is the new peak of
/// the process's resident memory, minus the resident memory before the run. The peak is used because a run frees its intermediate results
/// before it ends.
/// </summary>
/// <param name="estimate">The number of bytes that a run may use without a report.</param>
internal sealed class RunMemory(ModelId id, long estimate, TimeProvider time, ILogger logger)
{
    /// <summary>The maximum number of classes of shapes. After this number of classes, no more runs are measured.</summary>
    private const int MaxClasses = 256;

    private static readonly TimeSpan BetweenReports = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<int, bool> _measured = new();
    private long _reported = long.MinValue;
    private int _classes;

    /// <summary>
    /// Starts to measure a run on the calling thread. Dispose the measurement after the run. A run of known shapes costs one table lookup.
    /// </summary>
    public Measurement Begin(IReadOnlyList<Tensor> inputs)
    {
        var shapes = GetShapeClass(inputs);
        if (_measured.ContainsKey(shapes) || Volatile.Read(ref _classes) >= MaxClasses || HasRecentReport
            || !_measured.TryAdd(shapes, true))
        {
            return default;
        }

        Interlocked.Increment(ref _classes);
        return new Measurement(this, inputs);
    }

    /// <summary>
    /// Whether the last report is too recent for another report. A class of shapes that first appears in this time is measured later.
    /// </summary>
    private bool HasRecentReport =>
        Interlocked.Read(ref _reported) is var last && last != long.MinValue && time.GetElapsedTime(last) < BetweenReports;

    /// <summary>Returns the class of the inputs' shapes. Similar sizes have the same class, such as the sizes 3 to 6, or 7 to 14.</summary>
    private static int GetShapeClass(IReadOnlyList<Tensor> inputs)
    {
        var hash = 17;
        for (var i = 0; i < inputs.Count; i++)
        {
            foreach (var size in inputs[i].Shape.Dimensions)
                hash = (31 * hash) + BitOperations.Log2((ulong)size + 1) + 1;
        }

        return hash;
    }

    private void Report(IReadOnlyList<Tensor> inputs, long growth)
    {
        if (growth <= estimate)
            return;
        Interlocked.Exchange(ref _reported, time.GetTimestamp());
        var shapes = string.Join(", ", inputs.Select(input => input.Shape.ToString()));
        logger.RunTookMemory(id, Quote.ShortenMessage(shapes), growth, estimate);
    }

    /// <summary>A measured run; the default value measures nothing.</summary>
    internal readonly struct Measurement : IDisposable
    {
        private readonly RunMemory? _owner;
        private readonly IReadOnlyList<Tensor>? _inputs;
        private readonly long _resident;
        private readonly long _peak;

        public Measurement(RunMemory owner, IReadOnlyList<Tensor> inputs)
        {
            using var process = Process.GetCurrentProcess();
            (_owner, _inputs, _resident, _peak) = (owner, inputs, process.WorkingSet64, process.PeakWorkingSet64);
        }

        public void Dispose()
        {
            if (_owner is null)
                return;
            using var process = Process.GetCurrentProcess();
            // An unchanged peak is from before the run, so it shows nothing about the run.
            if (process.PeakWorkingSet64 is var peak && peak > _peak)
                _owner.Report(_inputs!, peak - _resident);
        }
    }
}
