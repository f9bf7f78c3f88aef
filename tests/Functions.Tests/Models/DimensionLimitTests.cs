using System.Net;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>Tests a model whose memory grows with the square of its input's length, as attention does.</summary>
public sealed class DimensionLimitTests : IDisposable
{
    private const string Predict = "/models/square/predict";

    private readonly ModelFolder _folder = new();

    public DimensionLimitTests() => _folder.Write(GeneratedModels.Square(), "square", "1", "model.onnx");

    [Fact]
    public async Task Predict_DimensionBeyondItsLimit_Is400WithItsNameSizeAndLimit()
    {
        _folder.Write("""{"limits":{"dimensions":{"length":4}}}""", "square", "model.json");
        await using var process = await _folder.ServeAsync();

        var response = await process.PostJsonAsync(Predict, Features(4));
        using var refused = await process.PostAsync(Predict, Features(5));
        using var infer = await process.PostAsync(
            "/v2/models/square/infer", """{"inputs":[{"name":"x","shape":[1,5],"datatype":"FP32","data":[1,1,1,1,1]}]}""");

        Assert.Equal("[[16]]", response.GetProperty("predictions").ToString());
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (refused.StatusCode, infer.StatusCode));
        Assert.Contains(
            "Input \"x\" has shape [1,5]: its dimension 1 (\"length\") is 5, but \"limits.dimensions\" in model.json allows at most 4. "
            + "Send a smaller input.",
            JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_LimitOfANameThatTheModelDoesNotHave_Is503WithTheNamesThatItHas()
    {
        _folder.Write("""{"limits":{"dimensions":{"sequence":4}}}""", "square", "model.json");
        await using var process = await _folder.ServeAsync();

        using var response = await process.PostAsync(Predict, Features(4));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains(
            "$.limits.dimensions: The model's inputs have no dynamic dimension \"sequence\". Their dynamic dimensions are \"batch\", "
            + "\"length\".",
            JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_RunThatTakesFarMoreMemoryThanTheModel_IsReportedOnceWithItsShape()
    {
        await using var process = await _folder.ServeAsync();

        await process.PostJsonAsync(Predict, Features(10));
        for (var i = 0; i < 3; i++)
            await process.PostJsonAsync(Predict, Features(8192));

        await process.WaitForOutputAsync("during a run of model square/1 with inputs of shapes [1,8192]");
        Assert.Equal(2, process.Output.Split("during a run of model").Length);
    }

    public void Dispose() => _folder.Dispose();

    private static string Features(int length) => $"{{\"features\":[[{string.Join(',', Enumerable.Repeat(1, length))}]]}}";
}
