using System.Net;
using System.Text.Json;

namespace Functions.Tests;

/// <summary>A model that another instance of the executable has: two real processes.</summary>
public sealed class RemoteModelTests : IDisposable
{
    private const string Iris = """{"features":[[5.1,3.5,1.4,0.2],[6.0,3.0,5.0,2.0]]}""";

    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Predict_ModelOfAnotherInstance_AnswersAsThatOne()
    {
        await using var peer = await FunctionsProcess.StartAsync();
        WriteModel(peer, """ "model": "iris" """);
        await using var sut = await _folder.ServeAsync();

        var expected = await peer.AskAsync("/models/iris/predict", Iris);
        var predicted = await sut.AskAsync("/models/flowers/predict", Iris);
        var listed = await sut.GetAsync("/v2/models/flowers");
        var inferred = await sut.AskAsync(
            "/v2/models/flowers/infer", """{"inputs":[{"name":"measurements","shape":[1,4],"datatype":"FP32","data":[5.1,3.5,1.4,0.2]}]}""");

        Assert.Equal(Scores(expected), Scores(predicted));
        Assert.Equal("flowers", predicted.GetProperty("model").GetString());
        Assert.Equal("[\"1\"]", listed.GetProperty("versions").ToString());
        Assert.Equal("measurements", listed.GetProperty("inputs")[0].GetProperty("name").GetString());
        Assert.Equal("[1,3]", inferred.GetProperty("outputs")[0].GetProperty("shape").ToString());
    }

    [Fact]
    public async Task Predict_PeerHasNoSuchModel_Answers503WithWhatItSays()
    {
        await using var peer = await FunctionsProcess.StartAsync();
        WriteModel(peer, """ "model": "roses" """);
        await using var sut = await _folder.ServeAsync();

        using var response = await sut.PostAsync("/models/flowers/predict", Iris);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("There is no model roses", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_KeyOfTheSetting_IsSentAndNeverShown()
    {
        await using var peer = await FunctionsProcess.StartAsync(("Keys__Function", "sesame-7"));
        WriteModel(peer, """ "model": "iris", "keySetting": "garden", "keyHeader": "x-functions-key" """);
        await using var sut = await _folder.ServeAsync(("Remote__Keys__garden", "sesame-7"));

        await sut.AskAsync("/models/flowers/predict", Iris);

        Assert.DoesNotContain("sesame-7", sut.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_PeerIsGone_Answers503WithRetryAfterAndLivesOn()
    {
        var peer = await FunctionsProcess.StartAsync();
        WriteModel(peer, """ "model": "iris" """);
        await using var sut = await _folder.ServeAsync();
        await sut.AskAsync("/models/flowers/predict", Iris);
        await peer.DisposeAsync();

        using var response = await sut.PostAsync("/models/flowers/predict", Iris);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Contains("cannot be reached", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(sut, "/v2/health/live"));
    }

    [Fact]
    public async Task Ready_PeerFailsAgainAndAgain_Answers503()
    {
        var peer = await FunctionsProcess.StartAsync();
        WriteModel(peer, """ "model": "iris" """);
        await using var sut = await _folder.ServeAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(sut, "/v2/models/flowers/ready"));
        await peer.DisposeAsync();

        for (var call = 0; call < 5; call++)
            (await sut.PostAsync("/models/flowers/predict", Iris)).Dispose();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(sut, "/v2/models/flowers/ready"));
        Assert.Contains("left alone", (await sut.GetAsync("/models/flowers")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_OtherAddressInTheSettings_IsTakenWithoutARestart()
    {
        await using var first = await FunctionsProcess.StartAsync();
        var second = await FunctionsProcess.StartAsync();
        WriteModel(second, """ "model": "iris" """);
        await using var sut = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        await sut.AskAsync("/models/flowers/predict", Iris);

        WriteModel(first, """ "model": "iris", "timeout": "00:00:20" """);
        using (await sut.PostAsync("/v2/repository/models/flowers/load", ""))
            await second.DisposeAsync();

        await sut.AskAsync("/models/flowers/predict", Iris);
    }

    private static async Task<HttpStatusCode> StatusAsync(FunctionsProcess process, string path)
    {
        using var response = await process.Client.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }

    private static string Scores(JsonElement answer) => answer.GetProperty("predictions").GetRawText();

    private void WriteModel(FunctionsProcess peer, string rest) => _folder.Write(
        $$"""{"remote":{"kind":"open-inference","url":"{{peer.Client.BaseAddress}}",{{rest}}} }""", "flowers", "model.json");
}
