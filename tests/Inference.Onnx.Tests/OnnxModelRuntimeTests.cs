using Inference.Models;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Onnx.Tests;

public sealed class OnnxModelRuntimeTests(OnnxFixture onnx) : IClassFixture<OnnxFixture>
{
    [Fact]
    public async Task LoadAsync_SeveralInputsAndOutputs_ListsThemInOrder()
    {
        await using var session = await onnx.LoadAsync("two_in_two_out");

        Assert.Equal(["a", "b"], session.Signature.Inputs.Select(input => input.Name));
        Assert.Equal(["sum", "product"], session.Signature.Outputs.Select(output => output.Name));
        Assert.All(session.Signature.Inputs, input => Assert.Equal(new Shape(Shape.Dynamic, 3), input.Shape));
        Assert.Equal(ItemAxis.Dynamic, session.Signature.ItemAxis);
    }

    [Theory]
    [InlineData("fixed_batch", ItemAxis.Single)]
    [InlineData("fixed_batch_four", ItemAxis.None)]
    [InlineData("scalar", ItemAxis.None)]
    [InlineData("dynamic_inner", ItemAxis.Dynamic)]
    [InlineData("image", ItemAxis.Dynamic)]
    [InlineData("slow", ItemAxis.None)]
    public async Task LoadAsync_FirstDimension_IsABatchOnlyWhenAllAgree(string model, ItemAxis expected)
    {
        await using var session = await onnx.LoadAsync(model);

        Assert.Equal(expected, session.Signature.ItemAxis);
    }

    [Fact]
    public async Task LoadAsync_FileIsNoModel_SaysWhy()
    {
        using var folder = new TempFolder();
        var path = folder.Combine("broken.onnx");
        await File.WriteAllTextAsync(path, "not a model");

        var exception = await Assert.ThrowsAsync<InferenceException>(() => onnx.LoadFileAsync(path));

        Assert.Equal(InferenceError.ModelUnavailable, exception.Error);
        Assert.Equal((true, FailureCause.Files), (exception.LastsUntilFilesChange, exception.Cause));
        Assert.Contains("protobuf", exception.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task LoadAsync_TruncatedModel_IsUnavailable()
    {
        using var folder = new TempFolder();
        var path = folder.Combine("half.onnx");
        var bytes = await File.ReadAllBytesAsync(TestModels.Path("slow"));
        await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 2)]);

        var exception = await Assert.ThrowsAsync<InferenceException>(() => onnx.LoadFileAsync(path));

        Assert.Equal(InferenceError.ModelUnavailable, exception.Error);
    }

    [Fact]
    public async Task LoadAsync_Cancelled_StaysCancelled()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => onnx.LoadAsync("slow", new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task LoadAsync_NativeTelemetry_IsSwitchedOffBeforeTheLibraryStarts()
    {
        await using var session = await onnx.LoadAsync("scalar");

        Assert.Equal("1", NativeEnvironment.Get("ORT_DISABLE_TELEMETRY"));
    }
}
