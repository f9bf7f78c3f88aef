using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Functions.Tests.Models;
using Inference.Testing;

namespace Functions.Tests.Protocols;

/// <summary>
/// Tests extensions of Open Inference v2 over HTTP: classification, compression, statistics, configuration and schedule policy.
/// </summary>
public sealed class OpenInferenceExtensionTests(EmbeddedModelsTests.Server server) : IClassFixture<EmbeddedModelsTests.Server>
{
    private const string Infer = "/v2/models/iris/infer";
    private const string Input =
        "\"inputs\":[{\"name\":\"measurements\",\"shape\":[2,4],\"datatype\":\"FP32\",\"data\":[5.1,3.5,1.4,0.2,6.0,3.0,5.0,2.0]}]";

    [Fact]
    public async Task Infer_Classification_AnswersTheBestWithTheirLabels()
    {
        var response = await server.Process.PostJsonAsync(
            Infer, $"{{{Input},\"outputs\":[{{\"name\":\"probabilities\",\"parameters\":{{\"classification\":2}}}}]}}");

        var output = response.GetProperty("outputs")[0];
        Assert.Equal(("BYTES", "[2,2]"), (output.GetProperty("datatype").GetString(), output.GetProperty("shape").ToString()));
        var classes = output.GetProperty("data").EnumerateArray().Select(text => text.GetString()!.Split(':')).ToArray();
        Assert.Equal(["0 setosa", "1 versicolor", "2 virginica", "1 versicolor"], classes.Select(parts => $"{parts[1]} {parts[2]}"));
        Assert.InRange(float.Parse(classes[0][0], System.Globalization.CultureInfo.InvariantCulture), 0.97f, 0.98f);
    }

    [Theory]
    [InlineData("\"parameters\":{\"sequence_id\":7},", "keeps no state")]
    [InlineData("\"parameters\":{\"sequence_start\":true},", "keeps no state")]
    [InlineData("\"parameters\":{\"priority\":-1},", "parameters.priority is not a whole number")]
    [InlineData(
        "\"outputs\":[{\"name\":\"probabilities\",\"parameters\":{\"classification\":\"all\"}}],", "classification is not a whole number")]
    public async Task Infer_ParameterThatCannotBe_IsRefused(string parameters, string message)
    {
        using var response = await server.Process.PostAsync(Infer, $"{{{parameters}{Input}}}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        AssertText.Contains(message, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Infer_ParametersWithoutEffect_AreAccepted() => await server.Process.PostJsonAsync(
        Infer, $"{{\"parameters\":{{\"sequence_id\":0,\"sequence_end\":false,\"priority\":0,\"timeout\":0,\"mine\":{{\"a\":[1]}}}},{Input}}}");

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("br, gzip;q=0.5, deflate;q=0.9", "deflate")]
    [InlineData("gzip;q=0, identity", null)]
    [InlineData(null, null)]
    public async Task Infer_LargeAnswer_IsCompressedAsAccepted(string? accepted, string? encoding)
    {
        var rows = string.Join(',', Enumerable.Repeat("5.1,3.5,1.4,0.2", 200));
        using var request = new HttpRequestMessage(HttpMethod.Post, Infer)
        {
            Content = new StringContent(
                $"{{\"inputs\":[{{\"name\":\"measurements\",\"shape\":[200,4],\"datatype\":\"FP32\",\"data\":[{rows}]}}]}}", Encoding.UTF8,
                "application/json"),
        };
        if (accepted is not null)
            request.Headers.Add("Accept-Encoding", accepted);
        using var response = await server.Process.Client.SendAsync(request);
        var raw = await response.Content.ReadAsStreamAsync();
        await using var body = encoding switch
        {
            "gzip" => new GZipStream(raw, CompressionMode.Decompress),
            "deflate" => new ZLibStream(raw, CompressionMode.Decompress),
            _ => raw,
        };

        Assert.Equal(encoding, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal(600, (await JsonDocument.ParseAsync(body)).RootElement.GetProperty("outputs")[0].GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Infer_SmallAnswer_IsNotCompressed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post,
            Infer)
        { Content = new StringContent($"{{{Input}}}", Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept-Encoding", "gzip");
        using var response = await server.Process.Client.SendAsync(request);

        Assert.Empty(response.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task Stats_AfterRequests_CountThem()
    {
        using var folder = new ModelFolder();
        folder.WriteScaling("scaling", 1, 2);
        folder.WriteScaling("scaling", 2, 3);
        await using var process = await folder.ServeAsync();
        var before = await process.GetAsync("/v2/models/scaling/stats");
        for (var i = 0; i < 3; i++)
            await process.PostJsonAsync("/models/scaling/predict", "{\"features\":[1,0,0,0]}");
        using var wrong = await process.PostAsync("/models/scaling/predict", "{\"features\":[1]}");

        var stats = await process.GetAsync("/v2/models/scaling/versions/2/stats");
        var all = await process.GetAsync("/v2/models/stats");
        using var unknown = await process.Client.GetAsync(new Uri("/v2/models/other/stats", UriKind.Relative));

        Assert.Equal(
            [0, 0], before.GetProperty("model_stats").EnumerateArray().Select(model => model.GetProperty("inference_count").GetInt32()));
        var version = stats.GetProperty("model_stats").EnumerateArray().Single();
        var times = version.GetProperty("inference_stats");
        Assert.Equal(("scaling", "2"), (version.GetProperty("name").GetString(), version.GetProperty("version").GetString()));
        Assert.Equal((3, 3), (version.GetProperty("inference_count").GetInt32(), version.GetProperty("execution_count").GetInt32()));
        Assert.Equal((3, 1),
            (times.GetProperty("success").GetProperty("count").GetInt32(), times.GetProperty("fail").GetProperty("count").GetInt32()));
        Assert.InRange(times.GetProperty("compute_infer")
            .GetProperty("ns").GetInt64(), 100, times.GetProperty("success").GetProperty("ns").GetInt64());
        Assert.All(
            (string[])["compute_input", "compute_output"],
            name => Assert.NotEqual(0, times.GetProperty(name).GetProperty("ns").GetInt64()));
        Assert.Equal("1", version.GetProperty("batch_stats")[0].GetProperty("batch_size").ToString());
        Assert.InRange(DateTimeOffset.FromUnixTimeMilliseconds(version.GetProperty("last_inference").GetInt64()),
            DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.Equal(2, all.GetProperty("model_stats").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Config_OfAModel_IsInTritonsForm()
    {
        var config = await server.Process.GetAsync("/v2/models/iris/config");

        Assert.Equal(("iris", "onnxruntime"), (config.GetProperty("name").GetString(), config.GetProperty("backend").GetString()));
        Assert.True(config.GetProperty("max_batch_size").GetInt32() > 0);
        Assert.Equal("[{\"name\":\"measurements\",\"data_type\":\"TYPE_FP32\",\"format\":\"FORMAT_NONE\",\"dims\":[4]}]",
            config.GetProperty("input").ToString());
    }
}
