using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Reload;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Coyote.Specifications;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Systematic;

/// <summary>
/// Calls three models while memory has room for two, so that each load evicts a model. Meanwhile the files of one model change and are
/// reloaded, which needs the memory of two models. Then the catalog is disposed. Every call returns the output of the old files or of the
/// new files.
/// </summary>
internal static class LifecycleScenario
{
    private const int Size = 100;

    public static async Task RunAsync()
    {
        var store = new FakeModelStore().Add("a", size: Size, tag: "2").Add("b", size: Size, tag: "3").Add("c", size: Size, tag: "3");
        var runtime = new CheckedRuntime();
        using var governor = new Governor(2, (grant, _) => Task.Run(grant.Execute));
        var catalog = TestCatalog.Create(store, runtime, TestBudget.WithLimit(2 * Size), TimeProvider.System);
        var predictor = new Predictor(catalog, governor, TimeProvider.System);
        // The reloader is not disposed, because Coyote does not know the await in its disposal. It was not started, so it runs only within
        // calls.
        var reloader = new ModelReloader(catalog, store, TimeSpan.Zero, TimeProvider.System);

        var calls = "abac".Select(model => Task.Run(() => CallAsync(predictor, $"{model}"))).ToList();
        calls.Add(Task.Run(() => ChangeAsync(store, reloader)));
        await Task.WhenAll(calls);
        Specification.Assert(await PredictAsync(predictor, "a") == 4, "The reload came to nothing.");

        await catalog.DisposeAsync();
        await runtime.WhenNoneIsLeftAsync();
        // A slot may be granted for requests that have run on another slot in the meantime. Its thread then returns the slot later.
        while (governor.FreeSlots < governor.Slots)
            await Task.Yield();
    }

    private static async Task ChangeAsync(FakeModelStore store, ModelReloader reloader)
    {
        store.Add("a", size: Size, tag: "4");
        await reloader.ReloadAsync(ModelName.Parse("a"), CancellationToken.None);
    }

    private static async Task CallAsync(Predictor predictor, string model)
    {
        var answer = await PredictAsync(predictor, model);
        Specification.Assert(model == "a" ? answer is 2 or 4 : answer == 3, "Model {0} answered {1}.", model, answer);
    }

    private static async Task<float> PredictAsync(Predictor predictor, string model)
    {
        using var answer = await predictor.PredictAsync(ModelName.Parse(model), version: default, 1f, (value, _) =>
            Request(value), CancellationToken.None);
        return answer.Outputs[0].Tensor.Values<float>()[0];
    }

    private static PredictionRequest Request(float value) =>
        new() { Inputs = { new RequestInput("x", Tensor.Create<float>(ElementType.Float32, new Shape(1, 2), [value, value]), "x") } };
}
