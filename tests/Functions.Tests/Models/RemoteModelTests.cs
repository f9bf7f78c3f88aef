using System.Net;
using System.Text.Json;
using Functions.Tests.Telemetry;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>Tests models on another instance of the executable, over HTTP and over gRPC, with two real processes.</summary>
public sealed class RemoteModelTests : IDisposable
{
    private const string Rest = "open-inference";
    private const string Grpc = "open-inference-grpc";
    private const string Iris = """{"features":[[5.1,3.5,1.4,0.2],[6.0,3.0,5.0,2.0]]}""";

    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Rest)]
    [InlineData(Grpc)]
    public async Task Predict_ModelOfAnotherInstance_AnswersAsThatOne(string kind)
    {
        await using var peer = await StartPeerAsync();
        await WriteModelAsync(kind, peer, """ "model": "iris" """);
        await using var sut = await _folder.ServeAsync();

        var expected = await peer.PostJsonAsync("/models/iris/predict", Iris);
        var predicted = await sut.PostJsonAsync("/models/flowers/predict", Iris);
        var listed = await sut.GetAsync("/v2/models/flowers");
        var inferred = await sut.PostJsonAsync(
            "/v2/models/flowers/infer",
            """{"inputs":[{"name":"measurements","shape":[1,4],"datatype":"FP32","data":[5.1,3.5,1.4,0.2]}]}""");

        Assert.Equal(Scores(expected), Scores(predicted));
        // Calls to another server count as runs.
        var scrape = await Scrape.ReadAsync(sut);
        Assert.Equal(2, scrape["""inference_run_duration_seconds_count{model="flowers",version="1"}"""]);
        Assert.Equal(3, scrape["""inference_batch_size_sum{model="flowers",version="1"}"""]);
        Assert.Equal("flowers", predicted.GetProperty("model").GetString());
        Assert.Equal("[\"1\"]", listed.GetProperty("versions").ToString());
        Assert.Equal("measurements", listed.GetProperty("inputs")[0].GetProperty("name").GetString());
        Assert.Equal("[1,3]", inferred.GetProperty("outputs")[0].GetProperty("shape").ToString());
    }

    [Theory]
    [InlineData(Rest)]
    [InlineData(Grpc)]
    public async Task Predict_PeerHasNoSuchModel_Answers503WithItsMessage(string kind)
    {
        await using var peer = await StartPeerAsync();
        await WriteModelAsync(kind, peer, """ "model": "roses" """);
        await using var sut = await _folder.ServeAsync();

        using var response = await sut.PostAsync("/models/flowers/predict", Iris);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("There is no model roses", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Rest)]
    [InlineData(Grpc)]
    public async Task Predict_KeyOfTheSetting_IsSentAndNeverShown(string kind)
    {
        await using var peer = await StartPeerAsync(("Keys__Function", "sesame-7"));
        await WriteModelAsync(kind, peer, """ "model": "iris", "keySetting": "garden", "keyHeader": "x-functions-key" """);
        var origin = (kind == Grpc ? await peer.GrpcAddress : peer.Client.BaseAddress!).GetLeftPart(UriPartial.Authority);
        await using var sut =
            await _folder.ServeAsync(("Remote__Keys__garden__Value", "sesame-7"), ("Remote__Keys__garden__Origin", origin));

        await sut.PostJsonAsync("/models/flowers/predict", Iris);

        Assert.DoesNotContain("sesame-7", sut.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Rest)]
    [InlineData(Grpc)]
    public async Task Predict_PeerIsUnreachable_Answers503WithRetryAfterAndKeepsServing(string kind)
    {
        var peer = await StartPeerAsync();
        await WriteModelAsync(kind, peer, """ "model": "iris" """);
        await using var sut = await _folder.ServeAsync();
        await sut.PostJsonAsync("/models/flowers/predict", Iris);
        await peer.DisposeAsync();

        // The first request may still use the old connection, and fail in another way.
        using var first = await sut.PostAsync("/models/flowers/predict", Iris);
        using var response = await sut.PostAsync("/models/flowers/predict", Iris);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, first.StatusCode);
        Assert.NotNull(first.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Contains("cannot be reached", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(sut, "/v2/health/live"));
    }

    [Theory]
    [InlineData(Rest)]
    [InlineData(Grpc)]
    public async Task Ready_PeerFailsAgainAndAgain_Answers503(string kind)
    {
        var peer = await StartPeerAsync();
        await WriteModelAsync(kind, peer, """ "model": "iris" """);
        await using var sut = await _folder.ServeAsync();
        // A probe of a busy peer may take longer than its limit.
        await sut.WaitUntilAsync(async () => await StatusAsync(sut, "/v2/models/flowers/ready") == HttpStatusCode.OK);
        await peer.DisposeAsync();

        // A pause lasts some seconds. A failed call after the pause begins the next one.
        await sut.WaitUntilAsync(async () =>
        {
            (await sut.PostAsync("/models/flowers/predict", Iris)).Dispose();
            return (await sut.GetAsync("/models/flowers")).GetRawText().Contains("this server pauses its calls", StringComparison.Ordinal);
        });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(sut, "/v2/models/flowers/ready"));
    }

    [Theory]
    [InlineData(Rest)]
    [InlineData(Grpc)]
    public async Task Predict_OtherAddressInTheSettings_IsAcceptedWithoutARestart(string kind)
    {
        await using var first = await StartPeerAsync();
        var second = await StartPeerAsync();
        await WriteModelAsync(kind, second, """ "model": "iris" """);
        await using var sut = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        await sut.PostJsonAsync("/models/flowers/predict", Iris);

        await WriteModelAsync(kind, first, """ "model": "iris", "timeout": "00:00:20" """);
        using (await sut.PostAsync("/v2/repository/models/flowers/load", ""))
            await second.DisposeAsync();

        await sut.PostJsonAsync("/models/flowers/predict", Iris);
    }

    [Theory]
    [InlineData(Rest)]
    [InlineData(Grpc)]
    public async Task Predict_CallersTimeIsOver_StopsTheRunOfThePeerToo(string kind)
    {
        using var models = new ModelFolder();
        TestModels.CopyTo("slow", models.PathOf("slow", "1"));
        await using var peer = await models.ServeAsync(("Grpc__Urls", "http://127.0.0.1:0"));
        await WriteModelAsync(kind, peer, """ "model": "slow" """);
        await using var sut = await _folder.ServeAsync();
        const string Inputs =
            """ "inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":[5]},{"name":"n","shape":[],"datatype":"INT64","data":[""";
        await sut.PostJsonAsync("/v2/models/flowers/infer", $$"""{ {{Inputs}}1]}]}""");

        using var response =
            await sut.PostAsync("/v2/models/flowers/infer", $$"""{"parameters":{"timeout":300000},{{Inputs}}1000000000000]}]}""");

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        await peer.WaitUntilAsync(async () =>
            (await peer.GetAsync("/status")).GetProperty("compute").GetProperty("used").GetInt32() == 0);
    }

    private static async Task<HttpStatusCode> StatusAsync(FunctionsProcess process, string path)
    {
        using var response = await process.Client.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }

    private static string Scores(JsonElement response) => response.GetProperty("predictions").GetRawText();

    private static Task<FunctionsProcess> StartPeerAsync(params (string Name, string Value)[] settings) =>
        FunctionsProcess.StartAsync([("Grpc__Urls", "http://127.0.0.1:0"), .. settings]);

    private async Task WriteModelAsync(string kind, FunctionsProcess peer, string rest)
    {
        var url = kind == Grpc ? await peer.GrpcAddress : peer.Client.BaseAddress;
        _folder.Write($$"""{"remote":{"kind":"{{kind}}","url":"{{url}}",{{rest}}} }""", "flowers", "model.json");
    }
}
