using Inference.Models;
using Inference.Onnx.Graph;
using Inference.Onnx.Sweep;
using Inference.Onnx.ZeroSizes;
using Inference.Testing;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Tests.ZeroSizes;

public sealed class ZeroSizeCheckTests : IDisposable
{
    private const int Float = 1;

    private readonly TempFolder _folder = new();

    [Fact]
    public void FindObstacle_OperatorsThatSurvive_IsNull()
    {
        Assert.Null(Find(GeneratedModels.Negated()));
        Assert.Null(Find(GeneratedModels.Cache()));
        Assert.Null(ZeroSizeCheck.FindObstacle(OnnxModelReader.Read(TestModels.Path("two_in_two_out"), CancellationToken.None)));
    }

    [Fact]
    public void FindObstacle_AnotherOperator_NamesTheNode() =>
        Assert.Equal("The operator LSTM that computes \"y\" is not known to support this.", Find(GeneratedModels.Recurrent()));

    [Fact]
    public void FindObstacle_InABranch_IsFound() =>
        Assert.Contains("LSTM", Find(GeneratedModels.RecurrentBranch()), StringComparison.Ordinal);

    /// <summary>Shows why the list is needed. If this test fails, ONNX Runtime no longer has the error.</summary>
    [Fact]
    public async Task Probe_AnLstmOverAnEmptyBatch_EndsTheProcess()
    {
        File.WriteAllBytes(_folder.Combine("model.onnx"), GeneratedModels.Recurrent());
        using var probe = new ProbeProcess(WaitLimit.Step);

        var empty = await probe.RunAsync(new ProbeJob(_folder.Combine("model.onnx"), [new TestTensor(Float, [4, 0, 3], [])], Threads: 1));
        var full =
            await probe.RunAsync(new ProbeJob(_folder.Combine("model.onnx"), [new TestTensor(Float, [1, 1, 3], new byte[12])], Threads: 1));

        Assert.Equal(ProbeOutcome.Crashed, empty.Outcome);
        Assert.Equal(ProbeOutcome.Succeeded, full.Outcome);
    }

    [Fact]
    public void List_IsOfThisVersionOfOnnxRuntime()
    {
        using var stream = typeof(ZeroSizeCheck).Assembly.GetManifestResourceStream("zero-sizes.txt")!;
        using var reader = new StreamReader(stream);

        Assert.Contains(
            $"ONNX Runtime {typeof(OrtEnv).Assembly.GetName().Version!.ToString(3)}", reader.ReadLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_InputsWithoutADeclaredShape_AreNotMistakenForScalars()
    {
        File.WriteAllBytes(_folder.Combine("unranked.onnx"), GeneratedModels.Unranked());
        using var onnx = new OnnxFixture();
        await using var scalar = await onnx.LoadAsync("scalar");
        await using var unranked = await onnx.LoadFileAsync(_folder.Combine("unranked.onnx"));

        Assert.False(scalar.Signature.Inputs[0].AcceptsAnyShape);
        Assert.True(unranked.Signature.Inputs[0].AcceptsAnyShape);
        Assert.True(unranked.Signature.Outputs[0].AcceptsAnyShape);
        Assert.Equal(ItemAxis.None, unranked.Signature.ItemAxis);
    }

    public void Dispose() => _folder.Dispose();

    private string? Find(byte[] model)
    {
        File.WriteAllBytes(_folder.Combine("found.onnx"), model);
        return ZeroSizeCheck.FindObstacle(OnnxModelReader.Read(_folder.Combine("found.onnx"), CancellationToken.None));
    }
}
