using Inference.Models.Settings;
using Inference.Onnx.Native;
using Inference.Testing;

namespace Inference.Onnx.Tests;

public sealed class NativeSessionTests : IClassFixture<OnnxFixture>
{
    private readonly OnnxFixture _onnx;

    public NativeSessionTests(OnnxFixture onnx)
    {
        // Creating session options starts the native library, so the environment must be configured first.
        OnnxEnvironment.EnsureCreated();
        _onnx = onnx;
    }

    [Theory]
    [InlineData(MemoryProfile.Latency, true)]
    [InlineData(MemoryProfile.Balanced, false)]
    [InlineData(MemoryProfile.Lean, false)]
    public void Options_MemoryProfile_DecidesOnTheArena(MemoryProfile profile, bool hasArena)
    {
        using var options = NativeSession.CreateOptions(profile, threads: 1);

        Assert.Equal(hasArena, options.EnableCpuMemArena);
    }

    [Theory]
    [InlineData(MemoryProfile.Latency)]
    [InlineData(MemoryProfile.Balanced)]
    [InlineData(MemoryProfile.Lean)]
    public async Task LoadAsync_AnyMemoryProfile_AnswersTheSame(MemoryProfile profile)
    {
        await using var session = await _onnx.LoadAsync("fixed_batch", new ExecutionSettings { MemoryProfile = profile });
        using var input = OnnxFixture.Floats(new(1, 4), 1, 2, 3, 4);

        using var output = (await session.RunAsync([input], [0], CancellationToken.None))[0];

        Assert.Equal([2f, 4f, 6f, 8f], output.Values<float>().ToArray());
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(2, 2)]
    public async Task LoadAsync_Threads_ReachThePlan(int? threads, int expected)
    {
        await using var session = await _onnx.LoadAsync("fixed_batch", new ExecutionSettings { Threads = threads });

        Assert.Equal(expected, session.Plan.Threads);
    }
}
