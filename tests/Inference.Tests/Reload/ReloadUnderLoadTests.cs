using System.Globalization;
using Inference.Compute;
using Inference.Models;
using Inference.Reload;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using Inference.Tests.Catalog;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Reload;

public sealed class ReloadUnderLoadTests
{
    private const int Clients = 64;
    private const int Swaps = 200;

    private static readonly ModelName Name = ModelName.Parse("digits");

    private readonly FakeModelStore _store = new();
    private readonly TaggedRuntime _runtime = new();

    /// <summary>The output of each version is its number, so a result that names another version is detected.</summary>
    [Fact]
    public async Task NewVersionsComeAndOldOnesGo_NoRequestFailsAndEveryAnswerIsOfTheVersionItNames() =>
        await RunAsync(swap =>
            _store.Add("digits", swap + 1, $"{swap + 1}").Remove("digits", swap - 1), (version, value) => version == (long)value);

    /// <summary>The files of one version alternate between two contents.</summary>
    [Fact]
    public async Task OneVersionIsReplacedInPlace_NoRequestFailsAndEveryAnswerIsOfOneContent() =>
        await RunAsync(swap => _store.Add("digits", 1, swap % 2 == 0 ? "1" : "2"), (_, value) => value is 1 or 2);

    private async Task RunAsync(Action<int> swap, Func<long, float, bool> isRight)
    {
        using var governor = new Governor(2);
        await using (var catalog = TestCatalog.Create(_store, _runtime, TestBudget.Unlimited(), TimeProvider.System))
        {
            await using var reloader = new ModelReloader(catalog, _store, TimeSpan.Zero, TimeProvider.System);
            // The predictor's clock stands still. Otherwise, requests on a busy machine could wait long enough to be refused.
            var predictor = new Predictor(catalog, governor, new FakeTimeProvider());
            _store.Add("digits", 1, "1");
            await PredictOnceAsync(predictor, isRight);
            using var done = new CancellationTokenSource();
            var clients =
                Enumerable.Range(0, Clients).Select(_ => Task.Run(() => PredictUntilAsync(predictor, isRight, done.Token))).ToList();

            for (var number = 1; number <= Swaps; number++)
            {
                swap(number);
                await reloader.ReloadAsync(Name, CancellationToken.None);
                await PredictOnceAsync(predictor, isRight);
            }

            await done.CancelAsync();
            var answers = await Task.WhenAll(clients);
            Assert.All(answers, count => Assert.True(count > 0));
        }

        Assert.InRange(_runtime.Sessions.Count, Swaps, Swaps + 1);
        // A run may hold its session for a moment after it has returned its result.
        await Task.WhenAll(_runtime.Sessions.Select(session => session.Ended)).WaitAsync(WaitLimit.Step);
    }

    private static async Task<int> PredictUntilAsync(Predictor predictor, Func<long, float, bool> isRight, CancellationToken done)
    {
        var answers = 0;
        while (!done.IsCancellationRequested || answers == 0)
        {
            await PredictOnceAsync(predictor, isRight);
            answers++;
            // The swaps need the processor too.
            await Task.Yield();
        }

        return answers;
    }

    private static async Task PredictOnceAsync(Predictor predictor, Func<long, float, bool> isRight)
    {
        using var prediction = await predictor.PredictAsync(Name, default, 0, static (_, _) => Request(), CancellationToken.None);
        var value = prediction.Outputs[0].Tensor.Values<float>()[0];
        Assert.True(
            isRight(prediction.Model.Id.Version, value),
            string.Create(CultureInfo.InvariantCulture, $"Version {prediction.Model.Id.Version} answered {value}."));
    }

    private static PredictionRequest Request()
    {
        var request = new PredictionRequest();
        request.Inputs.Add(new RequestInput("x", Tensor.Create<float>(ElementType.Float32, new Shape([1, 2]), [0, 0]), "x"));
        return request;
    }
}
