using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>Tests the settings files of models on the real executable.</summary>
public sealed class ModelSettingsTests : IDisposable
{
    private const string Predict = "/models/scaling/predict";
    private const string Features = "{\"features\":[1,0,0,0]}";

    private const string Triton = """
        name: "scaling"
        platform: "onnxruntime_onnx"
        max_batch_size: 0
        input [ { name: "x" data_type: TYPE_FP32 dims: [ 1, 4 ] } ]
        output [ { name: "y" data_type: TYPE_FP32 dims: [ 1, 4 ] } ]
        """;

    private readonly ModelFolder _folder = new();

    [Fact]
    public async Task Predict_PolicyAndTraffic_DecideWhichVersionAnswers()
    {
        for (var version = 1; version <= 4; version++)
            _folder.WriteScaling("scaling", version, version);
        _folder.Write("""{"versions":{"serve":{"latest":3},"labels":{"stable":2},"traffic":[{"version":"stable","percent":100}]}}""",
            "scaling", "model.json");
        await using var process = await _folder.ServeAsync();

        var any = await process.PostJsonAsync(Predict, Features);
        var named = await process.PostJsonAsync("/models/scaling/versions/4/predict", Features);
        using var notServed = await process.PostAsync("/models/scaling/versions/1/predict", Features);

        Assert.Equal("[[2,0,0,0]]", any.GetProperty("predictions").ToString());
        Assert.Equal("[[4,0,0,0]]", named.GetProperty("predictions").ToString());
        Assert.Equal(HttpStatusCode.NotFound, notServed.StatusCode);
    }

    [Fact]
    public async Task Predict_ByLabel_IsAnsweredByItsVersionOrNotFound()
    {
        _folder.WriteScaling("scaling", 1, 1);
        _folder.WriteScaling("scaling", 2, 2);
        _folder.Write("""{"versions":{"labels":{"stable":1}}}""", "scaling", "model.json");
        await using var process = await _folder.ServeAsync();

        var stable = await process.PostJsonAsync("/models/scaling/versions/stable/predict", Features);
        using var unknown = await process.PostAsync("/models/scaling/versions/canary/predict", Features);

        Assert.Equal(1, stable.GetProperty("version").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("stable", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_SplitTraffic_OneKeyIsAnsweredByOneVersionAndSomeKeyByTheOther()
    {
        _folder.WriteScaling("scaling", 1, 1);
        _folder.WriteScaling("scaling", 2, 2);
        _folder.Write("""{"versions":{"traffic":[{"version":1,"percent":50},{"version":2,"percent":50}]}}""", "scaling", "model.json");
        await using var process = await _folder.ServeAsync();

        var seen = new HashSet<int>();
        for (var key = 0; key < 20; key++)
        {
            var first = await AskWithKeyAsync(process, $"user-{key}");
            Assert.Equal(first, await AskWithKeyAsync(process, $"user-{key}"));
            seen.Add(first);
        }

        Assert.Equal([1, 2], seen.Order());
    }

    [Fact]
    public async Task Predict_SettingsAreWrong_Is503WithEveryProblem()
    {
        _folder.WriteScaling("scaling", 1, 2);
        _folder.Write("""{"batching":{"maxBatch":"8","maxDealy":"00:00:01"},"lifecycle":{"preload":1}}""", "scaling", "model.json");
        await using var process = await _folder.ServeAsync();

        await AssertUnavailableAsync(
            process, "$.batching.maxBatch: This is a string", "Did you mean \\\"maxDelay\\\"?", "$.lifecycle.preload");
    }

    [Fact]
    public async Task GetModels_SettingsAreWrong_ShowsItBeforeAnyRequest()
    {
        _folder.WriteScaling("scaling", 1, 2);
        _folder.WriteScaling("right", 1, 2);
        _folder.Write("""{"batching":{"maxDealy":"00:00:01"}}""", "scaling", "model.json");
        await using var process = await _folder.ServeAsync();

        var models = (await process.GetAsync("/models")).GetProperty("models");

        Assert.Equal("available", models[0].GetProperty("versions")[0].GetProperty("state").GetString());
        Assert.Equal("failed", models[1].GetProperty("versions")[0].GetProperty("state").GetString());
        Assert.Contains(
            "Did you mean \"maxDelay\"?", models[1].GetProperty("versions")[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
        _folder.Write("{}", "scaling", "model.json");
        Assert.Equal("available", (await process.GetAsync("/models"))
            .GetProperty("models")[1].GetProperty("versions")[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task Predict_TritonRepository_WorksUnchanged()
    {
        _folder.WriteScaling("scaling", 1, 2);
        _folder.Write(Triton, "scaling", "config.pbtxt");
        await using var process = await _folder.ServeAsync();

        Assert.Equal("[[2,0,0,0]]", (await process.PostJsonAsync(Predict, Features)).GetProperty("predictions").ToString());
    }

    [Fact]
    public async Task Start_SettingsHaveNoEffect_IsLoggedOnceForEachFileAndShown()
    {
        const string Line = "Settings of model scaling: config.pbtxt:";
        _folder.WriteScaling("scaling", 1, 2);
        _folder.WriteScaling("plain", 1, 2);
        _folder.Write(Triton.Replace("output [ {", "output [ { format: FORMAT_NCHW", StringComparison.Ordinal), "scaling", "config.pbtxt");
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));

        var listed = (await process.GetAsync("/models")).GetProperty("models");
        var model = await process.GetAsync("/models/scaling");
        var status = (await process.GetAsync("/status")).GetProperty("models");

        Assert.Equal(0, listed[0].GetProperty("warnings").GetArrayLength());
        var warning = Assert.Single(model.GetProperty("warnings").EnumerateArray());
        Assert.Equal(("config.pbtxt", 5, "output.format"),
            (warning.GetProperty("file").GetString(), warning.GetProperty("line").GetInt32(), warning.GetProperty("path").GetString()));
        Assert.Contains("shape or type", warning.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.True(JsonElement.DeepEquals(model.GetProperty("warnings"), listed[1].GetProperty("warnings")));
        Assert.True(JsonElement.DeepEquals(model.GetProperty("warnings"), status[0].GetProperty("warnings")));
        await process.WaitForOutputAsync(Line);
        Assert.Equal(2, process.Output.Split(Line).Length);

        _folder.Write(Triton + "metric_tags { key: \"a\" value: \"b\" }\n", "scaling", "config.pbtxt");
        await process.WaitForOutputAsync("metric_tags");
        await process.PostJsonAsync(Predict, Features);
        Assert.Equal(3, process.Output.Split(Line).Length);
    }

    [Fact]
    public async Task GetModel_NoVersionAndSettingsAreWrong_Is503WithTheReason()
    {
        _folder.WriteScaling("other", 1, 2);
        _folder.Write("default_model_filename: \"../model.onnx\"", "scaling", "config.pbtxt");
        await using var process = await _folder.ServeAsync();

        using var response = await process.Client.GetAsync(new Uri("/models/scaling", UriKind.Relative));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("default_model_filename", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TYPE_FP32", "TYPE_INT64", "INT64")]
    [InlineData("\"x\"", "\"z\"", "\\\"z\\\"")]
    [InlineData("onnxruntime_onnx", "tensorrt_plan", "tensorrt_plan")]
    public async Task Predict_TritonContradictsTheModel_Is503WithTheReason(string part, string changed, string reason)
    {
        _folder.WriteScaling("scaling", 1, 2);
        _folder.Write(Triton.Replace(part, changed, StringComparison.Ordinal), "scaling", "config.pbtxt");
        await using var process = await _folder.ServeAsync();

        await AssertUnavailableAsync(process, reason);
    }

    [Fact]
    public async Task Ready_ModelIsPreloaded_WaitsForIt()
    {
        // The load of a remote model reads the model's signature from its server. The test decides when this server responds.
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        _folder.Write(
            $$"""{"lifecycle":{"preload":true},"remote":{"kind":"open-inference","url":"http://{{server.LocalEndpoint}}"} }""", "flowers",
            "model.json");
        await using var process = await _folder.ServeAsync();
        using var limit = new CancellationTokenSource(WaitLimit.Step);

        using var metadata = await server.AcceptTcpClientAsync(limit.Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReadyAsync(process));

        await AnswerAsync(
            metadata,
            """
            {"name":"flowers","inputs":[{"name":"x","datatype":"FP32","shape":[-1,4]}],"outputs":[{"name":"y","datatype":"FP32","shape":[-1,3]}]}
            """,
            limit.Token);
        using var configuration = await server.AcceptTcpClientAsync(limit.Token);
        await AnswerAsync(configuration, "{}", limit.Token);
        await process.WaitUntilReadyAsync();
        await process.WaitForOutputAsync("Model flowers/1 loaded");
    }

    [Fact]
    public async Task Predict_SmallMemoryBudget_EveryModelAnswersInTurn()
    {
        foreach (var name in (string[])["a", "b", "c"])
            TestModels.CopyTo("heavy", _folder.PathOf(name, "1"));
        var row = $"{{\"features\":[{string.Join(',', Enumerable.Repeat("1", 400))}]}}";
        await using var process = await _folder.ServeAsync(("Models__MemoryBudget", "16MiB"));

        for (var turn = 0; turn < 9; turn++)
            await process.PostJsonAsync($"/models/{(char)('a' + (turn % 3))}/predict", row);

        await process.WaitForOutputAsync("is unloaded to make room for");
    }

    [Fact]
    public async Task Predict_LargerThanTheMemoryBudget_Is503WithTheNumbers()
    {
        _folder.WriteScaling("scaling", 1, 2);
        using (var padding = File.Create(_folder.PathOf("scaling", "1", "padding.bin")))
            padding.SetLength(32 << 20);
        await using var process = await _folder.ServeAsync(("Models__MemoryBudget", "16MiB"));

        await AssertUnavailableAsync(process, "Model scaling/1 needs about 335", "Models__MemoryBudget allows 16777216");
    }

    private static async Task<int> AskWithKeyAsync(FunctionsProcess process, string key)
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, Predict) { Content = new StringContent(Features, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Request-Key", key);
        using var response = await process.Client.SendAsync(request);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("version").GetInt32();
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Sends a JSON response to one HTTP request, and closes the connection.</summary>
    private static async Task AnswerAsync(TcpClient caller, string json, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(caller.GetStream());
        while (await reader.ReadLineAsync(cancellationToken) is { Length: > 0 })
        {
        }

        await caller.GetStream().WriteAsync(
            Encoding.UTF8.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\nConnection: close\r\n\r\n{json}"),
            cancellationToken);
        caller.Close();
    }

    private static async Task<HttpStatusCode> ReadyAsync(FunctionsProcess process)
    {
        using var response = await process.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return response.StatusCode;
    }

    private static async Task AssertUnavailableAsync(FunctionsProcess process, params string[] reasons)
    {
        using var response = await process.PostAsync(Predict, Features);
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.All(reasons, reason => Assert.Contains(reason, text, StringComparison.Ordinal));
    }
}
