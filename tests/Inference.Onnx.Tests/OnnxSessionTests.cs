using System.Text;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Onnx.Tests;

public sealed class OnnxSessionTests(OnnxFixture onnx) : IClassFixture<OnnxFixture>
{
    [Theory]
    [InlineData("bool", ElementType.Bool)]
    [InlineData("uint8", ElementType.UInt8)]
    [InlineData("uint16", ElementType.UInt16)]
    [InlineData("uint32", ElementType.UInt32)]
    [InlineData("uint64", ElementType.UInt64)]
    [InlineData("int8", ElementType.Int8)]
    [InlineData("int16", ElementType.Int16)]
    [InlineData("int32", ElementType.Int32)]
    [InlineData("int64", ElementType.Int64)]
    [InlineData("float16", ElementType.Float16)]
    [InlineData("bfloat16", ElementType.BFloat16)]
    [InlineData("float", ElementType.Float32)]
    [InlineData("double", ElementType.Float64)]
    public async Task RunAsync_EveryFixedSizeType_RoundTripsBitByBit(string model, ElementType type)
    {
        await using var session = await onnx.LoadAsync($"identity_{model}");
        using var input = Tensor.Rent(type, new Shape(3));
        for (var i = 0; i < input.Data.Length; i++)
            input.Data.Span[i] = type == ElementType.Bool ? (byte)(i % 2) : (byte)(17 * (i + 1));

        var outputs = await session.RunAsync([input], [0], CancellationToken.None);

        Assert.Equal(type, session.Signature.Inputs[0].Type);
        Assert.Equal(type, outputs[0].Type);
        Assert.Equal(new Shape(3), outputs[0].Shape);
        Assert.Equal(input.Data.ToArray(), outputs[0].Data.ToArray());
        outputs[0].Dispose();
    }

    [Fact]
    public async Task RunAsync_Strings_ComeBack()
    {
        await using var session = await onnx.LoadAsync("identity_string");
        using var builder = new TensorBuilder(ElementType.Bytes);
        foreach (var text in (string[])["", "plain", "Grüße 🙂", new string('x', 5000)])
            builder.AppendBytes(Encoding.UTF8.GetBytes(text));
        using var input = builder.Build(new Shape(4));

        var outputs = await session.RunAsync([input], [0], CancellationToken.None);

        Assert.Equal(ElementType.Bytes, outputs[0].Type);
        Assert.Equal(input.Data.ToArray(), outputs[0].Data.ToArray());
        outputs[0].Dispose();
    }

    [Fact]
    public async Task RunAsync_OutputsInAnotherOrder_ReturnsThatOrder()
    {
        await using var session = await onnx.LoadAsync("two_in_two_out");
        using var a = OnnxFixture.Floats(new Shape(1, 3), 1, 2, 3);
        using var b = OnnxFixture.Floats(new Shape(1, 3), 10, 20, 30);

        var outputs = await session.RunAsync([a, b], [1, 0], CancellationToken.None);

        Assert.Equal([10, 40, 90], outputs[0].Values<float>().ToArray());
        Assert.Equal([11, 22, 33], outputs[1].Values<float>().ToArray());
    }

    [Fact]
    public async Task RunAsync_Scalar_HasRankZero()
    {
        await using var session = await onnx.LoadAsync("scalar");
        using var input = OnnxFixture.Floats(new Shape(), 41);

        var outputs = await session.RunAsync([input], [0], CancellationToken.None);

        Assert.Equal(0, outputs[0].Shape.Rank);
        Assert.Equal(42, outputs[0].Values<float>()[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task RunAsync_OutputIsAnInput_AnswersItsValues(int rows)
    {
        await using var session = await onnx.LoadAsync("passthrough");
        float[] values = [.. Enumerable.Range(1, 2 * rows)];
        using var input = OnnxFixture.Floats(new Shape(rows, 2), values);

        var outputs = await session.RunAsync([input], [1, 0], CancellationToken.None);

        Assert.Equal(values, outputs[0].Values<float>().ToArray());
        Assert.Equal(values.Select(value => -value), outputs[1].Values<float>().ToArray());
    }

    [Fact]
    public async Task RunAsync_InnerDimensionsVary_RunsEach()
    {
        await using var session = await onnx.LoadAsync("dynamic_inner");
        foreach (var length in (int[])[1, 7, 500])
        {
            using var input = OnnxFixture.Floats(new Shape(2, length), [.. Enumerable.Repeat(1f, 2 * length)]);

            var outputs = await session.RunAsync([input], [0], CancellationToken.None);

            Assert.Equal([length, length], outputs[0].Values<float>().ToArray());
        }
    }

    [Fact]
    public async Task RunAsync_ExternalData_IsFoundBesideTheModel()
    {
        await using var session = await onnx.LoadAsync("external");
        using var input = OnnxFixture.Floats(new Shape(1, 4), 0, 0, 0, 0);

        var outputs = await session.RunAsync([input], [0], CancellationToken.None);

        Assert.Equal([1, 2, 3, 4], outputs[0].Values<float>().ToArray());
    }

    [Fact]
    public async Task RunAsync_DeclaredOutputShapeIsWrong_AnswersTheRealOne()
    {
        await using var session = await onnx.LoadAsync("lying_shape");
        using var input = OnnxFixture.Floats(new Shape(1, 4), 1, 2, 3, 4);
        Assert.Equal(new Shape(Shape.Dynamic, 3), session.Signature.Outputs[0].Shape);

        for (var i = 0; i < 2; i++)
        {
            var outputs = await session.RunAsync([input], [0], CancellationToken.None);

            Assert.Equal(new Shape(1, 4), outputs[0].Shape);
            Assert.Equal([1, 2, 3, 4], outputs[0].Values<float>().ToArray());
        }
    }

    [Fact]
    public async Task RunAsync_ModelRefusesTheValues_IsARuntimeFailureAndTheNextRunWorks()
    {
        await using var session = await onnx.LoadAsync("gather");
        using var outside = Tensor.Create<long>(ElementType.Int64, new Shape(1), [9]);
        using var inside = Tensor.Create<long>(ElementType.Int64, new Shape(1), [2]);

        var exception =
            await Assert.ThrowsAsync<InferenceException>(() => session.RunAsync([outside], [0], CancellationToken.None).AsTask());
        var outputs = await session.RunAsync([inside], [0], CancellationToken.None);

        Assert.Equal(InferenceError.RuntimeFailure, exception.Error);
        Assert.Contains("idx=9", exception.Message, StringComparison.Ordinal);
        Assert.Equal(30, outputs[0].Values<float>()[0]);
    }

    [Fact(Timeout = WaitLimit.TestMilliseconds)]
    public async Task RunAsync_CancelledWhileItRuns_EndsTheKernelAndTheSessionContinues()
    {
        await using var session = await onnx.LoadAsync("slow");
        using var x = OnnxFixture.Floats(new Shape(1, 1), 5);
        using var forever = Tensor.Create<long>(ElementType.Int64, new Shape(), [long.MaxValue]);
        using var once = Tensor.Create<long>(ElementType.Int64, new Shape(), [1]);
        var inputs = session.Signature.IndexOfInput("x") == 0 ? (Func<Tensor, Tensor[]>)(n => [x, n]) : n => [n, x];
        using var cancellation = new CancellationTokenSource();

        var endless = Task.Run(() => session.RunAsync(inputs(forever), [0], cancellation.Token).AsTask());
        await session.RunAsync(inputs(once), [0], CancellationToken.None);
        Assert.False(endless.IsCompleted);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
        var outputs = await session.RunAsync(inputs(once), [0], CancellationToken.None);
        Assert.Equal(5, outputs[0].Values<float>()[0]);
    }

    [Fact(Timeout = WaitLimit.TestMilliseconds)]
    public async Task Exchange_DuringARun_DisposesTheOldSessionAfterItsLastRun()
    {
        await using var session = (OnnxSession)await onnx.LoadAsync("slow");
        var other = (OnnxSession)await onnx.LoadAsync("slow", new ExecutionSettings { Threads = 2 });
        using var x = OnnxFixture.Floats(new Shape(1, 1), 5);
        using var forever = Tensor.Create<long>(ElementType.Int64, new Shape(), [long.MaxValue]);
        using var once = Tensor.Create<long>(ElementType.Int64, new Shape(), [1]);
        var inputs = session.Signature.IndexOfInput("x") == 0 ? (Func<Tensor, Tensor[]>)(n => [x, n]) : n => [n, x];
        using var cancellation = new CancellationTokenSource();
        var endless = Task.Run(() => session.RunAsync(inputs(forever), [0], cancellation.Token).AsTask());
        await session.RunAsync(inputs(once), [0], CancellationToken.None);

        session.ExchangeNativeSessions(other);
        await other.DisposeAsync();

        Assert.Equal(2, session.Plan.Threads);
        Assert.Equal(5, (await session.RunAsync(inputs(once), [0], CancellationToken.None))[0].Values<float>()[0]);
        Assert.False(endless.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
    }

    [Fact]
    public async Task RunAsync_FromManyCallers_ReturnsTheOwnResultOfEach()
    {
        await using var session = await onnx.LoadAsync("image");
        var signature = session.Signature;
        Assert.Equal(ItemAxis.Dynamic, signature.ItemAxis);

        await Parallel.ForAsync(0, 200, async (caller, token) =>
        {
            var rows = 1 + (caller % 3);
            using var input = OnnxFixture.Floats(new Shape(rows, 2, 3, 3), [.. Enumerable.Repeat((float)caller, rows * 18)]);

            var outputs = await session.RunAsync([input], [0], token);

            Assert.Equal(Enumerable.Repeat((float)caller, rows * 2), outputs[0].Values<float>().ToArray());
            outputs[0].Dispose();
        });
    }
}
