namespace Functions.Tests.Protocols;

/// <summary>The examples of GET /openapi.json are requests that the server accepts, for models of texts and images.</summary>
public sealed class OpenApiExampleTests(TextServer texts, HuggingFaceTests.Server tasks)
    : IClassFixture<TextServer>, IClassFixture<HuggingFaceTests.Server>
{
    /// <summary>
    /// The operations without an example. No model returns sparse embeddings, and no loaded model has labels for its versions.
    /// </summary>
    private static readonly string[] Unanswered =
    [
        "post /models/{model}/embed_sparse",
        "get /v1/models/{model}/labels/{label}", "get /v1/models/{model}/labels/{label}/metadata",
        "post /v1/models/{model}/labels/{label}:predict",
    ];

    [Fact]
    public async Task Examples_OfTextModels_AreAnswered()
    {
        var without = await DocumentWalk.SendForEachAsync(
            texts.Process, hasJobs: false, "mean", "prompted", "none", "ranker", "classifier");

        Assert.Equal(Unanswered, without);
    }

    [Fact]
    public async Task Examples_OfTasks_AreAnswered()
    {
        var without = await DocumentWalk.SendForEachAsync(
            tasks.Process, hasJobs: false, "sentences", "sentiment", "ranker", "nli", "entities", "masked", "pixels", "unknown");

        Assert.Equal(Unanswered, without);
    }
}
