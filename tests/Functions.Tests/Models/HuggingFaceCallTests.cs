using System.Net.Http.Headers;
using System.Text.Json;

namespace Functions.Tests.Models;

/// <summary>Tests calls other than predict to models in Hugging Face folders.</summary>
public sealed class HuggingFaceCallTests(HuggingFaceTests.Server server) : IClassFixture<HuggingFaceTests.Server>
{
    /// <summary>
    /// The model's mean includes padding, so a padded text would get a result that depends on the other texts of the request.
    /// </summary>
    [Fact]
    public async Task Embed_ModelThatIgnoresItsMask_ReturnsTheOwnResultOfEachText()
    {
        string[] texts = ["hello world hello world", "hello", "world hello", "hello world"];

        var together = await server.Process.PostJsonAsync("/models/unmasked/embed", JsonSerializer.Serialize(new { inputs = texts }));

        foreach (var (index, text) in texts.Index())
        {
            var alone = await server.Process.PostJsonAsync("/models/unmasked/embed", JsonSerializer.Serialize(new { inputs = text }));
            Assert.Equal(
                alone[0].EnumerateArray().Select(number => number.GetDouble()),
                together[index].EnumerateArray().Select(number => number.GetDouble()),
                (left, right) => Math.Abs(left - right) <= 1e-5);
        }
    }

    /// <summary>The address of a model accepts the same image bodies as its predict call.</summary>
    [Theory]
    [InlineData("image/png")]
    [InlineData("application/octet-stream")]
    [InlineData(null)]
    public async Task Call_ImageAsTheBody_AnswersAsPredict(string? type)
    {
        var predicted = await PostImageAsync("/models/pixels/predict", type);

        Assert.Equal((200, predicted.Body), await PostImageAsync("/models/pixels", type));
        Assert.Equal("red", JsonDocument.Parse(predicted.Body).RootElement.GetProperty("labels")[0][0].GetProperty("label").GetString());
    }

    [Theory]
    [InlineData("/models/sentiment", "image/png", 422)]
    [InlineData("/models/sentiment", "application/octet-stream", 415)]
    [InlineData("/models/pixels", "text/csv", 415)]
    public async Task Call_BodyThatTheModelDoesNotTake_IsRefused(string address, string type, int status) =>
        Assert.Equal(status, (await PostImageAsync(address, type)).Status);

    [Theory]
    [InlineData("/models/ranker/predict")]
    [InlineData("/models/ranker")]
    public async Task Predict_PairInInputs_IsAnsweredAsInAnArray(string address)
    {
        const string Pair = """{"text":"hello","text_pair":"world"}""";

        var single = await server.Process.PostJsonAsync(address, $$"""{"inputs":{{Pair}} }""");
        var several = await server.Process.PostJsonAsync(address, $$"""{"inputs":[{{Pair}}]}""");

        Assert.Equal(several[0].ToString(), (single.ValueKind == JsonValueKind.Array ? single[0] : single).ToString());
    }

    [Theory]
    [InlineData("pixels", """{"classifier":{"id2label":{"0":"red","1":"green","2":"blue"},"label2id":{"red":0,"green":1,"blue":2}}}""", "")]
    [InlineData("masked", """{"fill-mask":{}}""", "16")]
    public async Task GetInfo_ModelOfImagesOrMasks_IsDescribed(string model, string kind, string length)
    {
        var info = await server.Process.GetAsync($"/models/{model}/info");

        Assert.Equal(kind, info.GetProperty("model_type").ToString());
        Assert.Equal(length, info.GetProperty("max_input_length").ToString());
    }

    [Fact]
    public async Task Embed_NumberThatIsNotFinite_IsAnError()
    {
        using var response = await server.Process.PostAsync("/v1/embeddings", """{"model":"endless","input":["hello"]}""");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(
            "The embedding of input[0] is not finite",
            JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement
                .GetProperty("error").GetProperty("message").GetString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("embed", """{"inputs":"hello"}""")]
    [InlineData("similarity", """{"inputs":{"source_sentence":"hello","sentences":["hello"]}}""")]
    public async Task EmbedOrCompare_NumberThatIsNotFinite_IsAnError(string call, string body)
    {
        using var response = await server.Process.PostAsync($"/models/endless/{call}", body);

        Assert.Equal(424, (int)response.StatusCode);
        Assert.Contains("is not finite", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<(int Status, string Body)> PostImageAsync(string address, string? type)
    {
        using var content = new ByteArrayContent(Convert.FromBase64String(HuggingFaceTests.Red));
        content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        using var response = await server.Process.Client.PostAsync(new Uri(address, UriKind.Relative), content);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
