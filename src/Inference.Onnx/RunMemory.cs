using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics;
using Inference.Models;
using Inference.Tensors;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx;

/// <summary>
/// Reports runs that take more memory than the estimate of their model: the size of intermediate results is not known from its file. Only
/// the first run of each class of shapes is measured. The measure is the rise of the process's peak of resident memory, because a run gives
/// the memory of intermediate results back before it ends.
/// </summary>
/// <param name="estimate">Bytes that no run takes unreported.</param>
internal sealed class RunMemory(ModelId id, long estimate, TimeProvider time, ILogger logger)
{
    /// <summary>Beyond it, classes are not told apart any more, and nothing is measured.</summary>
    private const int MaxClasses = 256;

    private static readonly TimeSpan BetweenReports = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<int, bool> _measured = new();
    private long _reported = long.MinValue;
    private int _classes;

    /// <summary>Begins a run on the calling thread. A run of known shapes costs one look into a table.</summary>
    public Measurement Begin(IReadOnlyList<Tensor> inputs)
    {
        var shapes = ClassOf(inputs);
        if (_measured.ContainsKey(shapes) || Volatile.Read(ref _classes) >= MaxClasses || IsQuiet || !_measured.TryAdd(shapes, true))
            return default;
        Interlocked.Increment(ref _classes);
        return new Measurement(this, inputs);
    }

    /// <summary>Whether the last report is too recent for another one. A class that comes meanwhile is measured later.</summary>
    private bool IsQuiet =>
        Interlocked.Read(ref _reported) is var last && last != long.MinValue && time.GetElapsedTime(last) < BetweenReports;

    /// <summary>Shapes of one class have the same ranks, and their dimensions lie between the same powers of two.</summary>
    private static int ClassOf(IReadOnlyList<Tensor> inputs)
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
        logger.RunTookMemory(id, Quote.Message(shapes), growth, estimate);
    }

    /// <summary>A run that is measured; the default one is not.</summary>
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
            // An old peak says nothing of this run.
            if (process.PeakWorkingSet64 is var peak && peak > _peak)
                _owner.Report(_inputs!, peak - _resident);
        }
    }
}
