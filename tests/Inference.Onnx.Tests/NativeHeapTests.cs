using System.Globalization;
using Inference.Tensors;

namespace Inference.Onnx.Tests;

/// <summary>Alone, since it looks at the memory of the whole process.</summary>
[Collection(nameof(NativeHeapTests))]
[CollectionDefinition(nameof(NativeHeapTests), DisableParallelization = true)]
public sealed class NativeHeapTests(OnnxFixture onnx) : IClassFixture<OnnxFixture>
{
    [Fact]
    public async Task Dispose_AfterManyReloads_TheProcessDoesNotGrow()
    {
        // Elsewhere the C library's heap has no such holes, or no such file tells of them.
        if (!OperatingSystem.IsLinux())
            return;
        for (var load = 0; load < 10; load++)
            await LoadAndDisposeAsync();
        var before = ResidentKilobytes();
        for (var load = 10; load < 50; load++)
            await LoadAndDisposeAsync();

        // A third more without the trim; the rest of the room is for holes that this process's other tests have left.
        Assert.InRange(ResidentKilobytes(), 0, before * 1.2);
    }

    private async Task LoadAndDisposeAsync()
    {
        using var session = await onnx.LoadAsync("heavy");
        using var input = OnnxFixture.Floats(new Shape(1, 400), new float[400]);
        foreach (var output in await session.RunAsync([input], [0], CancellationToken.None))
            output.Dispose();
    }

    /// <summary>Without managed garbage, which is not the native heap's.</summary>
    private static double ResidentKilobytes()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture);
    }
}
