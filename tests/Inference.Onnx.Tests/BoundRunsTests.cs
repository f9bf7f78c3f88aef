using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx.Binding;
using Inference.Onnx.Native;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Tests;

public sealed class BoundRunsTests : IDisposable
{
    private const int Many = 2_000;

    private readonly RunOptions _options;

    public BoundRunsTests()
    {
        // Creating run options starts the native library, so the environment must be configured first.
        OnnxEnvironment.EnsureCreated();
        _options = new RunOptions();
    }

    public void Dispose() => _options.Dispose();

    [Fact]
    public void Of_SmallFixedSizeTensors_LiesWithoutOverlap()
    {
        var layout = BoundLayout.TryCreate(
            Signature([Spec("a", ElementType.Float32, Shape.Dynamic, 3), Spec("b", ElementType.Int64, 70)],
                [Spec("y", ElementType.UInt8, 1, 5)]))!;

        Assert.Equal([new Shape(1, 3), new Shape(70)], layout.Inputs.Select(input => input.Shape));
        Assert.Equal([(0, 12), (64, 560)], layout.Inputs.Select(input => (input.Offset, input.Length)));
        Assert.Equal([(640, 5)], layout.Outputs.Select(output => (output.Offset, output.Length)));
        Assert.Equal(704, layout.Length);
    }

    [Theory]
    [InlineData(ElementType.Bytes, ElementType.Float32, 4)]
    [InlineData(ElementType.Float32, ElementType.Bytes, 4)]
    [InlineData(ElementType.Float32, ElementType.Float32, 0)]
    [InlineData(ElementType.Float32, ElementType.Float32, (BoundLayout.MaxLength / 4) - 15)]
    [InlineData(ElementType.Float32, ElementType.Float32, long.MaxValue)]
    [InlineData(ElementType.Float32, ElementType.Float32, 4, Shape.Dynamic)]
    public void Of_AnyOtherTensors_IsNothing(ElementType input, ElementType output, long size, long outputSize = 4) =>
        Assert.Null(BoundLayout.TryCreate(Signature([Spec("x", input, Shape.Dynamic, size)], [Spec("y", output, 1, outputSize)])));

    [Fact]
    public void TryRun_SmallestInputs_ReturnsRequestedOutputsInOrder()
    {
        using var sut = new Bound("two_in_two_out");
        using var a = OnnxFixture.Floats(new Shape(1, 3), 1, 2, 3);
        using var b = OnnxFixture.Floats(new Shape(1, 3), 10, 20, 30);

        Assert.Equal([[10, 40, 90], [11, 22, 33]], sut.Run(_options, [a, b], [1, 0])!);
        Assert.Equal([[10, 40, 90]], sut.Run(_options, [a, b], [1])!);
        Assert.Equal([[1, 4, 9]], sut.Run(_options, [a, a], [1])!);
        Assert.Equal([[2, 4, 6], [1, 4, 9]], sut.Run(_options, [a, a], [0, 1])!);
        Assert.Equal(1, sut.Runs.IdleCount);
    }

    [Fact]
    public void TryRun_OtherShapes_ReturnsNull()
    {
        using var sut = new Bound("two_in_two_out");
        using var oneItem = OnnxFixture.Floats(new Shape(1, 3), 1, 2, 3);
        using var two = OnnxFixture.Floats(new Shape(2, 3), 1, 2, 3, 4, 5, 6);

        Assert.Null(sut.Run(_options, [two, two], [0]));
        Assert.Null(sut.Run(_options, [oneItem, two], [0]));
        Assert.Equal(0, sut.Runs.IdleCount);
    }

    [Fact]
    public void TryRun_RunFails_DiscardsTheBindingAndTheNextRunWorks()
    {
        using var sut = new Bound("gather");
        using var outside = Tensor.Create<long>(ElementType.Int64, new Shape(1), [9]);
        using var inside = Tensor.Create<long>(ElementType.Int64, new Shape(1), [2]);
        Assert.Equal([[30]], sut.Run(_options, [inside], [0])!);

        Assert.Throws<OnnxRuntimeException>(() => sut.Run(_options, [outside], [0]));

        Assert.Equal(0, sut.Runs.IdleCount);
        Assert.Equal([[30]], sut.Run(_options, [inside], [0])!);
    }

    [Fact(Timeout = WaitLimit.TestMilliseconds)]
    public async Task TryRun_Terminated_EndsAndTheNextRunWorks()
    {
        using var sut = new Bound("slow");
        using var x = OnnxFixture.Floats(new Shape(1, 1), 5);
        using var forever = Tensor.Create<long>(ElementType.Int64, new Shape(), [long.MaxValue]);
        using var once = Tensor.Create<long>(ElementType.Int64, new Shape(), [1]);
        using var others = new RunOptions();

        var endless = Task.Run(() => sut.Run(others, [x, forever], [0]));
        Assert.Equal([[5]], sut.Run(_options, [x, once], [0])!);
        Assert.False(endless.IsCompleted);
        others.Terminate = true;

        await Assert.ThrowsAsync<OnnxRuntimeException>(() => endless);
        Assert.Equal([[5]], sut.Run(_options, [x, once], [0])!);
        Assert.Equal(1, sut.Runs.IdleCount);
    }

    [Fact]
    public void TryRun_AgainAndAgain_AllocatesOnlyTheResults()
    {
        using var sut = new Bound("two_in_two_out");
        using var a = OnnxFixture.Floats(new Shape(1, 3), 1, 2, 3);
        Tensor[] inputs = [a, a];
        int[] outputs = [0];
        sut.Runs.TryRun(_options, inputs, outputs)![0].Dispose();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var run = 0; run < Many; run++)
            sut.Runs.TryRun(_options, inputs, outputs)![0].Dispose();

        // The limit allows an array with one element and a tensor. A native value would need 60 bytes more.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / (double)Many, 0, 120);
    }

    [Fact]
    public void Dispose_RunsKept_FreesThem()
    {
        using var sut = new Bound("two_in_two_out");
        using var a = OnnxFixture.Floats(new Shape(1, 3), 1, 2, 3);
        Parallel.For(0, Many, _ =>
        {
            using var options = new RunOptions();
            sut.Run(options, [a, a], [0]);
        });
        Assert.InRange(sut.Runs.IdleCount, 1, Environment.ProcessorCount);

        sut.Runs.Dispose();

        Assert.Equal(0, sut.Runs.IdleCount);
    }

    private static ModelSignature Signature(TensorSpec[] inputs, TensorSpec[] outputs) => new([.. inputs], [.. outputs]);

    private static TensorSpec Spec(string name, ElementType type, params long[] shape) =>
        new(name, type, new Shape(shape), [.. shape.Select(_ => "")]);

    /// <summary>A model's native session and its bound runs.</summary>
    private sealed class Bound : IDisposable
    {
        private readonly InferenceSession _session;

        public Bound(string model)
        {
            using var options = NativeSession.CreateOptions(MemoryProfile.Balanced, threads: 1);
            _session = NativeSession.Open(TestModels.Path(model), options, CancellationToken.None);
            Runs = new BoundRuns(_session, BoundLayout.TryCreate(OnnxSignature.Read(TestModels.Id(model), _session))!);
        }

        public BoundRuns Runs { get; }

        /// <summary>Runs the session, and returns the values of each output.</summary>
        public float[][]? Run(RunOptions options, Tensor[] inputs, int[] outputs)
        {
            var results = Runs.TryRun(options, inputs, outputs);
            var values = results?.Select(result => result.Values<float>().ToArray()).ToArray();
            Array.ForEach(results ?? [], result => result.Dispose());
            return values;
        }

        public void Dispose()
        {
            Runs.Dispose();
            _session.Dispose();
        }
    }
}
