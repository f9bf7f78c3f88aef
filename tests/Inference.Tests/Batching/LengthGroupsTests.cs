using System.Collections.Concurrent;
using Inference.Batching;
using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Batching;

/// <summary>One request with texts of different lengths, for a token model that doubles its inputs.</summary>
public sealed class LengthGroupsTests : IAsyncLifetime
{
    private static readonly int[] Mixed = [8, 256, 10, 250, 8, 30, 31, 240, 300, 9];

    private readonly ConcurrentBag<Shape> _runs = [];
    private readonly FakeModelRuntime _runtime;
    private readonly Governor _governor = new(slots: 2);
    private readonly ModelCatalog _catalog;

    public LengthGroupsTests()
    {
        _runtime = new FakeModelRuntime
        {
            ModelSignature = new ModelSignature([Spec(TokenInput.Ids), Spec(TokenInput.Mask)], [Spec("y")]),
            Run = (input, _) =>
            {
                _runs.Add(input.Shape);
                return Task.FromResult(FakeModelRuntime.Double(input));
            },
        };
        _catalog = TestCatalog.Create(new FakeModelStore().Add("m"), _runtime, TestBudget.Unlimited(), new FakeTimeProvider());
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _catalog.DisposeAsync();
        _governor.Dispose();
    }

    [Fact]
    public async Task PredictAsync_PaddingIsProven_RunsSimilarLengthsTogether()
    {
        await PredictAsync(allowsPadding: true, Mixed);

        Assert.Equal(
            [new Shape(1, 240), new Shape(1, 300), new Shape(2, 31), new Shape(2, 256), new Shape(4, 10)],
            _runs.OrderBy(run => run[0]).ThenBy(run => run[1]));
        Assert.True(_runs.Sum(run => run.ElementCount) < 1.05 * Mixed.Sum());
    }

    /// <summary>Without a proof, no text is padded, because padding could change its result.</summary>
    [Fact]
    public async Task PredictAsync_PaddingIsNotProven_RunsEachLengthAlone()
    {
        await PredictAsync(allowsPadding: false, Mixed);

        Assert.Equal(Mixed.Sum(), _runs.Sum(run => run.ElementCount));
        Assert.Equal(Mixed.Distinct().Count(), _runs.Count);
    }

    [Fact]
    public async Task PredictAsync_ProofEndsMeanwhile_RunsEachLengthAgain()
    {
        _runtime.Run = (input, _) =>
        {
            _runs.Add(input.Shape);
            _runtime.BatchVerdict = _runtime.BatchVerdict with { AllowsPadding = false };
            return Task.FromResult(FakeModelRuntime.Double(input));
        };

        await PredictAsync(allowsPadding: true, [30, 30, 20, 8]);

        Assert.Equal(
            [new Shape(1, 8), new Shape(1, 8), new Shape(1, 20), new Shape(2, 30), new Shape(3, 30)],
            _runs.OrderBy(run => run[1]).ThenBy(run => run[0]));
    }

    [Fact]
    public async Task PredictAsync_ManyTextsOfOneLength_AreSplitByTheTokenLimit()
    {
        await PredictAsync(allowsPadding: true, [.. Enumerable.Repeat(100, 64)]);

        Assert.Equal(6400, _runs.Sum(run => run.ElementCount));
        Assert.All(_runs, run => Assert.InRange(run.ElementCount, 1, BatchFormation.MaxTokens));
    }

    /// <summary>
    /// Only the first part of a request can be refused. A refusal of a later part would waste the runs of the earlier parts.
    /// </summary>
    [Fact]
    public async Task RunAsync_PartOfAnAdmittedRequest_WaitsWhileOthersAreRefused()
    {
        using var sut = new QueueScenario(policy: new BatchPolicy { QueueLimit = 1 });
        sut.Call(1);
        sut.Start();
        sut.Call(2);
        using var input = Tensor.Create<float>(ElementType.Float32, new Shape(1, 1), [3]);

        var refused = await Assert.ThrowsAsync<InferenceException>(async () =>
            await sut.Queue.RunAsync([input], [0], new RequestOptions(), CancellationToken.None));
        var part = sut.Queue.RunAsync([input], [0], new RequestOptions(IsAdmitted: true), CancellationToken.None).AsTask();
        sut.Finish();

        Assert.Equal(InferenceError.Overloaded, refused.Error);
        var result = await part;
        Assert.Equal([6f], result[0].Values<float>().ToArray());
        result.DisposeAll();
    }

    [Fact]
    public async Task RunPartsAsync_FirstPartIsAdmitted_TheOthersCannotBeRefused()
    {
        using var sut = new QueueScenario();
        var admitted = new ConcurrentDictionary<int, bool>();

        await sut.Queue.RunPartsAsync(
            3,
            new RequestOptions(),
            (part, options, _) =>
            {
                Assert.True(admitted.TryAdd(part, options.IsAdmitted));
                return Task.CompletedTask;
            },
            CancellationToken.None);

        Assert.Equal([(0, false), (1, true), (2, true)], admitted.OrderBy(part => part.Key).Select(part => (part.Key, part.Value)));
    }

    [Fact]
    public async Task RunPartsAsync_FirstPartIsRefused_NoOtherPartRuns()
    {
        using var sut = new QueueScenario(slots: 2);
        var parts = new ConcurrentQueue<int>();

        await Assert.ThrowsAsync<InferenceException>(() => sut.Queue.RunPartsAsync(
            3,
            new RequestOptions(),
            (part, _, _) =>
            {
                parts.Enqueue(part);
                return Task.FromException(new InferenceException(InferenceError.Overloaded, "Too many requests wait."));
            },
            CancellationToken.None));

        Assert.Equal([0], parts);
    }

    [Fact]
    public async Task RunPartsAsync_CancelledBefore_WaitsForTheFirstPart()
    {
        using var sut = new QueueScenario();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var first = new TaskCompletionSource();

        var parts = sut.Queue.RunPartsAsync(2, new RequestOptions(), (_, _, _) => first.Task, cancelled.Token);
        Assert.False(parts.IsCompleted);
        first.SetResult();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => parts);
    }

    /// <summary>Predicts texts of these lengths, and checks that each text has its own result, padded with zeros.</summary>
    private async Task PredictAsync(bool allowsPadding, int[] lengths)
    {
        _runtime.BatchVerdict =
            BatchVerdict.Proven(BatchLayout.FromFirstAxis(_runtime.ModelSignature)) with { AllowsPadding = allowsPadding };
        var longest = lengths.Max();
        await using var sut = new Predictor(_catalog, _governor, TimeProvider.System);

        using var prediction = await sut.PredictAsync(ModelName.Parse("m"), version: default, lengths, (_, _) => Request(lengths), default);

        var output = Assert.Single(prediction.Outputs).Tensor;
        Assert.Equal(new Shape(lengths.Length, longest), output.Shape);
        for (var row = 0; row < lengths.Length; row++)
        {
            for (var column = 0; column < longest; column++)
                Assert.Equal(column < lengths[row] ? 2 * (row + 1) : 0, output.Values<float>()[(row * longest) + column]);
        }
    }

    /// <summary>Each token of a text is the number of the text, from 1. Padding is -1.</summary>
    private static PredictionRequest Request(int[] lengths)
    {
        var longest = lengths.Max();
        var request = new PredictionRequest { RowLengths = lengths.Distinct().Count() > 1 ? [.. lengths] : [] };
        foreach (var name in (string[])[TokenInput.Ids, TokenInput.Mask])
        {
            var tensor = Tensor.Rent(ElementType.Float32, new Shape(lengths.Length, longest));
            for (var at = 0; at < tensor.Values<float>().Length; at++)
                tensor.Values<float>()[at] = at % longest < lengths[at / longest] ? (at / longest) + 1 : -1;
            request.Inputs.Add(new RequestInput(name, tensor, name));
        }

        return request;
    }

    private static TensorSpec Spec(string name) =>
        new(name, ElementType.Float32, new Shape(Shape.Dynamic, Shape.Dynamic), ["batch", "sequence"]);
}
