using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Reload;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Coyote.Specifications;

namespace Inference.Systematic;

/// <summary>
/// A session measures itself in the background on all compute threads, and its disposal waits for the measurement. Meanwhile one caller
/// predicts, another caller cancels, the model is reloaded, and the catalog is disposed. At the end, all sessions have ended and all slots
/// are free.
/// </summary>
internal static class PreparationScenario
{
    private const int Slots = 2;

    public static async Task RunAsync()
    {
        var store = new FakeModelStore().Add("a", tag: "2");
        // The threads are the real compute threads, because Coyote also explores which thread takes the next work.
        var threads = new ComputeThreads(Slots);
        using var governor = new Governor(Slots, threads.Execute);
        var runtime = new MeasuringRuntime(governor);
        var catalog = TestCatalog.Create(store, runtime, TestBudget.Unlimited(), TimeProvider.System);
        var predictor = new Predictor(catalog, governor, TimeProvider.System);
        var reloader = new ModelReloader(catalog, store, TimeSpan.Zero, TimeProvider.System);

        await Task.WhenAll(
            Task.Run(() => CallAsync(predictor, leaves: false)),
            Task.Run(() => CallAsync(predictor, leaves: true)),
            Task.Run(() => ChangeAsync(store, reloader)));
        await catalog.DisposeAsync();

        await runtime.WhenAllHaveEndedAsync();
        while (governor.FreeSlots < governor.Slots)
            await Task.Yield();
        threads.Dispose();
    }

    private static async Task ChangeAsync(FakeModelStore store, ModelReloader reloader)
    {
        store.Add("a", tag: "4");
        await reloader.ReloadAsync(ModelName.Parse("a"), CancellationToken.None);
    }

    private static async Task CallAsync(Predictor predictor, bool leaves)
    {
        using var cancellation = new CancellationTokenSource();
        var prediction =
            predictor.PredictAsync(ModelName.Parse("a"), version: default, 1f, (value, _) => Request(value), cancellation.Token);
        if (leaves)
        {
            await Task.Yield();
            cancellation.Cancel();
        }

        try
        {
            using var answer = await prediction;
            Specification.Assert(
                answer.Outputs[0].Tensor.Values<float>()[0] is 2 or 4, "The model answered neither as before nor as after.");
        }
        catch (OperationCanceledException) when (leaves)
        {
        }
    }

    private static PredictionRequest Request(float value) =>
        new() { Inputs = { new RequestInput("x", Tensor.Create<float>(ElementType.Float32, new Shape(1, 2), [value, value]), "x") } };
}
