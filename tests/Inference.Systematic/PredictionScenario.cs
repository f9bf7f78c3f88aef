using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Systematic;

/// <summary>
/// Four callers request a model that is not loaded, on two slots. Two of the callers cancel. Then the catalog is disposed.
/// </summary>
internal static class PredictionScenario
{
    private const int Callers = 4;

    public static async Task RunAsync()
    {
        var runtime = new FakeModelRuntime { Plan = new ExecutionPlan(Threads: 1, MaxBatch: 4), Run = ComputeAsync };
        using var governor = new Governor(2, (grant, _) => Task.Run(grant.Execute));
        var store = new FakeModelStore().Add("m").Configure("m", """{"batching":{"contract":"declared"}}""");
        var catalog = TestCatalog.Create(store, runtime, TestBudget.Unlimited(), TimeProvider.System);
        var predictor = new Predictor(catalog, governor, TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(predictor, caller))));
        await catalog.DisposeAsync();

        // If this loop does not end, the schedule reaches Coyote's limit of steps.
        while (governor.FreeSlots < governor.Slots || runtime.Sessions.Any(session => !session.IsDisposed))
            await Task.Yield();
    }

    private static async Task<Tensor> ComputeAsync(Tensor input, CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return FakeModelRuntime.Double(input);
    }

    private static async Task CallAsync(Predictor predictor, int caller)
    {
        using var cancellation = new CancellationTokenSource();
        var prediction = predictor.PredictAsync(ModelName.Parse("m"), version: default, caller, Request, cancellation.Token);
        var leaves = caller % 2 == 1;
        if (leaves)
        {
            await Task.Yield();
            cancellation.Cancel();
        }

        try
        {
            using var answer = await prediction;
            if (answer.Outputs[0].Tensor.Values<float>().ContainsAnyExcept(2f * caller))
                throw new InvalidOperationException($"Caller {caller} got the rows of another.");
        }
        catch (OperationCanceledException) when (leaves)
        {
        }
    }

    private static PredictionRequest Request(int caller, Model model)
    {
        var input = Tensor.Create<float>(
            ElementType.Float32, new Shape(2 + (3 * (caller % 3)), 2), [.. Enumerable.Repeat((float)caller, 4 + (6 * (caller % 3)))]);
        return new PredictionRequest { Inputs = { new RequestInput("x", input, "x") } };
    }
}
