using System.Text.Json;
using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Remote.Access;
using Inference.Remote.Tests.Support;
using Inference.Repository;
using Inference.Repository.Trust;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Remote.Tests;

/// <summary>Tests a remote model with the catalog and the batch queues of the engine.</summary>
public sealed class BatchingTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Governor _governor = new(1);

    public void Dispose()
    {
        _governor.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task PredictAsync_MoreThanMayRunAtOnce_WaitAndShareACall()
    {
        await using var server = await TritonDouble.StartAsync();
        var shapes = new List<string>();
        var (arrived, gate) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        server.Handlers[TritonDouble.Infer] = async context =>
        {
            arrived.TrySetResult();
            await gate.Task;
            await TritonDouble.DoubleAsync(context, json =>
            {
                lock (shapes)
                    shapes.Add(json.GetProperty("inputs")[0].GetProperty("shape").GetRawText());
            });
        };
        await using var catalog = Serve(server, "\"concurrency\":1", contract: "declared");
        var sut = new Predictor(catalog, _governor, TimeProvider.System);
        using (await catalog.LeaseAsync(ModelName.Parse("m"), default, CancellationToken.None))
        {
            var first = PredictAsync(sut, 1);
            await arrived.Task.WaitAsync(WaitLimit.Step);
            // The model is loaded, so each request is already in the queue when its method returns.
            var (second, third) = (PredictAsync(sut, 2), PredictAsync(sut, 3));
            gate.SetResult();

            float[] expected = [2, 4, 6];
            Assert.Equal(expected, await Task.WhenAll(first, second, third).WaitAsync(WaitLimit.Step));
        }

        // After all responses, the engine audits the batch: it sends one of the items again. So only the first two calls are compared.
        lock (shapes)
            Assert.Equal(["[1,2]", "[2,2]"], shapes.Take(2));
    }

    [Fact]
    public async Task PredictAsync_OneCallersValuesAreRefused_TheOtherIsAnswered()
    {
        await using var server = await TritonDouble.StartAsync();
        var (arrived, gate) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        server.Handlers[TritonDouble.Infer] = async context =>
        {
            arrived.TrySetResult();
            await gate.Task;
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var bytes = body.ToArray();
            context.Request.Body = new MemoryStream(bytes);
            if (bytes.AsSpan().IndexOf(BitConverter.GetBytes(-1f)) >= 0)
                await PeerServer.WriteAsync(context, 400, """{"error":"negative"}""");
            else
                await TritonDouble.DoubleAsync(context);
        };
        await using var catalog = Serve(server, "\"concurrency\":1", contract: "declared");
        var sut = new Predictor(catalog, _governor, TimeProvider.System);
        using (await catalog.LeaseAsync(ModelName.Parse("m"), default, CancellationToken.None))
        {
            var first = PredictAsync(sut, 1);
            await arrived.Task.WaitAsync(WaitLimit.Step);
            var (refused, answered) = (PredictAsync(sut, -1), PredictAsync(sut, 3));
            gate.SetResult();

            var error = await Assert.ThrowsAsync<InferenceException>(() => refused.WaitAsync(WaitLimit.Step));
            Assert.Equal(InferenceError.RuntimeFailure, error.Error);
            float[] expected = [2, 6];
            Assert.Equal(expected, await Task.WhenAll(first, answered).WaitAsync(WaitLimit.Step));
        }
    }

    [Fact]
    public async Task PredictAsync_CallersTimeLimit_IsSentToTheServer()
    {
        await using var server = await TritonDouble.StartAsync();
        var sentTimeout = 0L;
        server.Handlers[TritonDouble.Infer] = context =>
            TritonDouble.DoubleAsync(context, json => sentTimeout = json.GetProperty("parameters").GetProperty("timeout").GetInt64());
        await using var catalog = Serve(server, "\"timeout\":\"00:01:00\"");
        var sut = new Predictor(catalog, _governor, TimeProvider.System);

        await PredictAsync(sut, 1);
        Assert.Equal(60_000_000, sentTimeout);
        await PredictAsync(sut, 1, TimeSpan.FromSeconds(40));
        Assert.InRange(sentTimeout, 1_000_000, 40_000_000);
    }

    [Fact]
    public async Task LeaseAsync_VersionsBesideTheServer_AreRefused()
    {
        await using var server = await TritonDouble.StartAsync();
        await using var catalog = Serve(server, "\"concurrency\":1");
        TestModels.CopyTo("scalar", _folder.Combine("m", "2"));

        var error = await Assert.ThrowsAsync<InferenceException>(() =>
            catalog.LeaseAsync(ModelName.Parse("m"), default, CancellationToken.None).AsTask());

        Assert.Contains("has files, but \"remote\"", error.Message, StringComparison.Ordinal);
    }

    private ModelCatalog Serve(PeerServer server, string remote, string contract = "proven")
    {
        Directory.CreateDirectory(_folder.Combine("m"));
        File.WriteAllText(_folder.Combine("m", "model.json"),
            $$"""{"remote":{"kind":"open-inference","url":{{JsonSerializer.Serialize(server.Url)}},{{remote}}},"batching":{"contract":"{{contract}}"} }""");
        return TestCatalog.Create(new DirectoryModelStore(_folder.Path, TrustPolicy.Default, _folder.Combine("cache")),
            new RemoteModelRuntime(RemoteAccess.Unrestricted, TimeProvider.System), TestBudget.Unlimited(), TimeProvider.System);
    }

    private static async Task<float> PredictAsync(Predictor sut, float value, TimeSpan? timeout = null)
    {
        using var prediction = await sut.PredictAsync(
            ModelName.Parse("m"), default, value,
            (value, _) =>
                new PredictionRequest
                {
                    Timeout = timeout,
                    Inputs = { new RequestInput("x", Tensor.Create<float>(ElementType.Float32, new Shape(1, 2), [value, 0]), "x") }
                },
            CancellationToken.None);
        return prediction.Outputs[0].Tensor.Values<float>()[0];
    }
}
