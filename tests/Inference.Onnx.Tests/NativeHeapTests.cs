using System.Globalization;
using Inference.Onnx.Native;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Onnx.Tests;

/// <summary>The test does not run in parallel with others, because it examines the memory of the whole process.</summary>
[Collection(nameof(NativeHeapTests))]
[CollectionDefinition(nameof(NativeHeapTests), DisableParallelization = true)]
public sealed class NativeHeapTests(OnnxFixture onnx) : IClassFixture<OnnxFixture>
{
    [LinuxFact("/proc tells the resident memory, and other heaps have no such holes.")]
    public async Task Dispose_AfterManyReloads_LeavesNothingToTrim()
    {
        for (var load = 0; load < 50; load++)
            await LoadAndDisposeAsync();

        var resident = ResidentKilobytes();
        NativeHeap.Trim();

        // Without the trim in the last disposal, this trim would return a third of the memory. The trim in the disposal also returns the
        // gaps that other tests have left.
        Assert.InRange(resident - ResidentKilobytes(), double.MinValue, 0.05 * resident);
    }

    private async Task LoadAndDisposeAsync()
    {
        await using var session = await onnx.LoadAsync("heavy");
        using var input = OnnxFixture.Floats(new Shape(1, 400), new float[400]);
        foreach (var output in await session.RunAsync([input], [0], CancellationToken.None))
            output.Dispose();
    }

    /// <summary>
    /// Returns the resident memory in kilobytes after a garbage collection, because managed garbage is not in the native heap.
    /// </summary>
    private static double ResidentKilobytes()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture);
    }
}
