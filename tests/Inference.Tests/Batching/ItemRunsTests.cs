using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Batching;

/// <summary>
/// Runs the items of a model that accepts one item per run. The first element of an item is the number of rows of its output.
/// </summary>
public sealed class ItemRunsTests : IAsyncLifetime
{
    private readonly FakeModelRuntime _runtime = new()
    {
        ModelSignature = new ModelSignature(
            [new TensorSpec("x", ElementType.Float32, new Shape(1, 2), ["", ""])],
            [new TensorSpec("y", ElementType.Float32, new Shape(1, -1, 2), ["", "boxes", ""])]),
        Run = (input, _) => Task.FromResult(Floats(new Shape(1, (long)input.Values<float>()[0], 2))),
    };

    private readonly Governor _governor = new(slots: 2);
    private readonly ModelCatalog _catalog;

    public ItemRunsTests() =>
        _catalog = TestCatalog.Create(new FakeModelStore().Add("m"), _runtime, TestBudget.Unlimited(), new FakeTimeProvider());

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _catalog.DisposeAsync();
        _governor.Dispose();
    }

    [Fact]
    public async Task PredictAsync_OutputsOfDifferentSizes_StaySeparate()
    {
        using var prediction = await PredictAsync(ResponseItems.Separate, 0, 2, 4);

        var rows = Assert.Single(prediction.Outputs).Rows;
        Assert.Equal(
            [new Shape(1, 0, 2), new Shape(1, 2, 2), new Shape(1, 4, 2)],
            Enumerable.Range(0, rows!.Count).Select(item => rows[item].Shape));
        Assert.Equal(3, Assert.Single(_runtime.Sessions).RunCount);
    }

    [Fact]
    public async Task PredictAsync_OutputsOfOneShape_FormOneTensor()
    {
        using var prediction = await PredictAsync(ResponseItems.Separate, 1, 1, 1);

        Assert.Null(prediction.Outputs[0].Rows);
        Assert.Equal(new Shape(3, 1, 2), prediction.Outputs[0].Tensor.Shape);
    }

    [Fact]
    public async Task PredictAsync_ResponseIsOneTensor_IsRefusedBeforeTheFirstRun()
    {
        var exception = await Assert.ThrowsAsync<InferenceException>(() => PredictAsync(ResponseItems.OneTensor, 1, 1));

        Assert.Equal(InferenceError.InvalidRequest, exception.Error);
        Assert.StartsWith("The request has 2 items, and output \"y\" of shape [1,-1,2] may differ in size from item to item",
            exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, Assert.Single(_runtime.Sessions).RunCount);
        (await PredictAsync(ResponseItems.OneTensor, 1)).Dispose();
    }

    [Fact]
    public async Task PredictAsync_FailingItem_FailsTheRequest()
    {
        _runtime.Run = (input, _) => input.Values<float>()[0] == 2
            ? throw new InferenceException(InferenceError.RuntimeFailure, "No.")
            : Task.FromResult(Floats(new Shape(1, 1, 2)));

        Assert.Equal("No.", (await Assert.ThrowsAsync<InferenceException>(() => PredictAsync(ResponseItems.Separate, 1, 2, 3))).Message);
    }

    private async Task<Prediction> PredictAsync(ResponseItems items, params float[] boxes)
    {
        await using var sut = new Predictor(_catalog, _governor, TimeProvider.System);
        var input =
            Tensor.Create<float>(ElementType.Float32, new Shape(boxes.Length, 2), [.. boxes.SelectMany(count => (float[])[count, 0])]);
        return await sut.PredictAsync(
            ModelName.Parse("m"), version: default, input,
            (tensor, _) => new PredictionRequest { ResponseItems = items, Inputs = { new RequestInput("x", tensor, "x") } }, default);
    }

    private static Tensor Floats(Shape shape) => Tensor.Create<float>(ElementType.Float32, shape, new float[shape.ElementCount]);
}
