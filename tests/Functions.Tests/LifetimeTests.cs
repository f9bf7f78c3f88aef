using System.Net;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>Tests first requests, clients that disconnect, deadlines and the end of the process.</summary>
public sealed class LifetimeTests : IDisposable
{
    private const string Slow = "/v2/models/slow/infer";

    private readonly TempFolder _folder = new();

    public LifetimeTests()
    {
        foreach (var name in (string[])["slow", "fixed_batch"])
            TestModels.CopyTo(name, _folder.Combine(name, "1"));
    }

    [Fact]
    public async Task Predict_64FirstRequests_LoadTheModelOnce()
    {
        await using var process = await StartAsync();

        var responses = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(i => process.PostJsonAsync("/models/fixed_batch/predict", $"{{\"features\":[{i},0,0,1]}}")));

        for (var i = 0; i < responses.Length; i++)
            Assert.Equal($"[[{2 * i},0,0,2]]", responses[i].GetProperty("predictions").ToString());
        await process.WaitForOutputAsync("Model fixed_batch/1 loaded");
        Assert.Equal(2, process.Output.Split("Model fixed_batch/1 loaded").Length);
    }

    [Fact]
    public async Task Infer_ClientsLeave_TheKernelsStopAndTheSlotsAreFree()
    {
        await using var process = await StartAsync();
        using var cancellation = new CancellationTokenSource();
        // More requests than compute slots. If one of their runs did not stop, the next request would wait forever.
        var endless = Enumerable.Range(0, Environment.ProcessorCount + 2)
            .Select(_ => process.PostAsync(Slow, Body(long.MaxValue), cancellation.Token)).ToArray();
        await process.WaitForOutputAsync("Model slow/1 loaded");

        await cancellation.CancelAsync();
        foreach (var request in endless)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);

        var response = await process.PostJsonAsync(Slow, Body(1));
        Assert.Equal("[5]", response.GetProperty("outputs")[0].GetProperty("data").ToString());
        Assert.DoesNotContain("fail:", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_DeadlinePasses_Is504AndStopsTheKernel()
    {
        await using var process = await StartAsync();

        using var response = await process.PostAsync(Slow, Body(long.MaxValue, "\"parameters\":{\"timeout\":100000},"));

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains("100 ms", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await process.PostJsonAsync(Slow, Body(1));
    }

    [Fact]
    public async Task Terminate_WhileARequestRuns_AnswersItAndExitsWithZero()
    {
        await using var process = await StartAsync();
        // The run takes about a second, so that the signal arrives during the run. A shutdown cancels runs after 30 s, which a longer run
        // could take on a busy machine.
        var running = process.PostJsonAsync(Slow, Body(60_000));
        await process.WaitForOutputAsync("Model slow/1 loaded");

        process.Terminate();
        await process.WaitForOutputAsync("Application is shutting down");

        var response = await running;
        Assert.Equal("[5]", response.GetProperty("outputs")[0].GetProperty("data").ToString());
        Assert.Equal(0, await process.WaitForExitAsync());
    }

    public void Dispose() => _folder.Dispose();

    private static string Body(long iterations, string parameters = "") =>
        $"{{{parameters}\"inputs\":[{{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":[5]}},{{\"name\":\"n\",\"shape\":[],\"datatype\":\"INT64\",\"data\":[{iterations}]}}]}}";

    private Task<FunctionsProcess> StartAsync() => FunctionsProcess.StartAsync(("Models__Source", _folder.Path));
}
