using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>Tests reranking in Jina's and Cohere's formats on the real executable.</summary>
public sealed class RerankTests(TextServer server) : IClassFixture<TextServer>
{
    // The scores of "hello", "world" and "hello world" as second texts.
    private static readonly float[] Scores = [Sigmoid(-2), Sigmoid(-1), Sigmoid(4)];

    [Theory]
    [InlineData("/v1/rerank", "", """[{"text":"hello world"},{"text":"world"},{"text":"hello"}]""")]
    [InlineData("/v1/rerank", ""","return_documents":false""", "[null,null,null]")]
    [InlineData("/v2/rerank", "", "[null,null,null]")]
    [InlineData("/v2/rerank", ""","return_documents":true""", """[{"text":"hello world"},{"text":"world"},{"text":"hello"}]""")]
    [InlineData("/v1/rerank", ""","top_n":2""", """[{"text":"hello world"},{"text":"world"}]""")]
    [InlineData("/v1/rerank", ""","top_n":9,"max_tokens_per_doc":512,"priority":0,"rank_fields":["text"]""",
        """[{"text":"hello world"},{"text":"world"},{"text":"hello"}]""")]
    public async Task Rerank_Documents_AreOrderedByRelevance(string route, string more, string documents)
    {
        var response = await server.Process.PostJsonAsync(
            route, $$"""{"model":"ranker","query":"hello","documents":["hello","world","hello world"]{{more}}}""");

        var results = response.GetProperty("results").EnumerateArray().ToArray();
        Assert.Equal(
            Enumerable.Range(0, 3).Reverse().Take(results.Length), results.Select(result => result.GetProperty("index").GetInt32()));
        Assert.All(results, result =>
            Assert.Equal(Scores[result.GetProperty("index").GetInt32()], result.GetProperty("relevance_score").GetSingle(), 1e-6f));
        Assert.Equal(documents,
            $"[{string.Join(',', results.Select(result => result.TryGetProperty("document", out var document) ? document.ToString() : "null"))}]");
        Assert.Equal("ranker", response.GetProperty("model").GetString());
        // Each document is encoded as [CLS] hello [SEP], its own tokens and [SEP].
        Assert.Equal("""{"prompt_tokens":16,"total_tokens":16}""", response.GetProperty("usage").ToString());
    }

    [Fact]
    public async Task Rerank_Objects_AreReturnedWhole()
    {
        var response = await server.Process.PostJsonAsync(
            "/v1/rerank", """{"model":"ranker","query":"hello","documents":[{"id":7,"text":"hello"},"world"]}""");

        Assert.Equal(
            ["""{"text":"world"}""", """{"id":7,"text":"hello"}"""],
            response.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("document").ToString()));
    }

    /// <summary>Cohere and Jina cut documents that are too long. The model accepts 8 tokens.</summary>
    [Fact]
    public async Task Rerank_LongDocument_IsTruncated()
    {
        var response = await server.Process.PostJsonAsync(
            "/v1/rerank", """{"model":"ranker","query":"hello","documents":["hello hello hello hello hello hello hello hello"]}""");

        // Four tokens of "hello" and [SEP] are left of the document.
        Assert.Equal(Sigmoid(13), response.GetProperty("results")[0].GetProperty("relevance_score").GetSingle(), 1e-6f);
    }

    [Theory]
    [InlineData("""{"query":"a","documents":["b"]}""", 400, "\"model\" is missing")]
    [InlineData("""{"model":"ranker","documents":["b"]}""", 400, "\"query\" is missing")]
    [InlineData("""{"model":"ranker","query":"a"}""", 400, "\"documents\" is missing")]
    [InlineData("""{"model":"ranker","query":"a","documents":[]}""", 400, "documents has no texts")]
    [InlineData("""{"model":"ranker","query":"a","documents":"b"}""", 400, "documents is a string")]
    [InlineData("""{"model":"ranker","query":"a","documents":[7]}""", 400, "documents[0] is a number")]
    [InlineData("""{"model":"ranker","query":"a","documents":["b",{"title":"c"}]}""", 400, "\"documents[1].text\" is missing")]
    [InlineData(
        """{"model":"ranker","query":"a","documents":["b"],"top_n":0}""", 400, "top_n has a value that is not a whole number from 1")]
    [InlineData("""{"model":"ranker","query":"a","documents":[{"title":"b","text":"c"}],"rank_fields":["title","text"]}""", 400,
        "rank_fields has \"title\"")]
    [InlineData("""{"model":"unknown","query":"a","documents":["b"]}""", 404, "no model unknown")]
    [InlineData("""{"model":"org/unknown","query":"a","documents":["b"]}""", 404, "no model org--unknown")]
    [InlineData("""{"model":"org/a/b","query":"a","documents":["b"]}""", 404, "No model has this name")]
    [InlineData("""{"model":"plain","query":"a","documents":["b"]}""", 400, "accepts no text")]
    [InlineData("""{"model":"mean","query":"hello","documents":["b"]}""", 400, "no FP32 output of rank 2")]
    [InlineData("{", 400, "not valid JSON")]
    public async Task Rerank_WrongRequest_IsReportedAsCohereAndJinaDo(string body, int status, string message)
    {
        foreach (var route in (string[])["/v1/rerank", "/v2/rerank"])
        {
            using var response = await server.Process.PostAsync(route, body);

            var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal(status, (int)response.StatusCode);
            AssertText.Contains(message, error.GetProperty("message").GetString());
            Assert.Equal(error.GetProperty("message").GetString(), error.GetProperty("detail").GetString());
        }
    }

    [Fact]
    public async Task Rerank_WithAnotherMethod_IsReportedInTheSameFormat()
    {
        using var response = await server.Process.Client.GetAsync(new Uri("/v1/rerank", UriKind.Relative));

        Assert.Equal(405, (int)response.StatusCode);
        Assert.True(JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.TryGetProperty("detail", out _));
    }

    [Theory]
    [InlineData("org/ranker")]
    [InlineData("org--ranker")]
    public async Task Rerank_NameOfARepository_IsAModel(string model)
    {
        var response = await server.Process.PostJsonAsync("/v1/rerank", $$"""{"model":"{{model}}","query":"hello","documents":["world"]}""");

        Assert.Equal("org--ranker", response.GetProperty("model").GetString());
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
