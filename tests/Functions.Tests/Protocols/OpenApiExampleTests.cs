using Functions.Tests.Queues;
using Inference.Testing;

namespace Functions.Tests.Protocols;

/// <summary>The examples of GET /openapi.json are requests that the server accepts, whichever model they are for.</summary>
[Collection(QueuesCollection.Name)]
public sealed class OpenApiExampleTests(
    AzuriteFixture azurite, TextServer texts, HuggingFaceTests.Server tasks)
    : IClassFixture<TextServer>, IClassFixture<HuggingFaceTests.Server>
{
    /// <summary>The operations that need a value which only the caller knows.</summary>
    private static readonly string[] OfCallers =
    [
        "get /jobs/{id}", "delete /jobs/{id}", "get /jobs/{id}/result", "get /v1/models/{model}/labels/{label}",
        "get /v1/models/{model}/labels/{label}/metadata", "post /v1/models/{model}/labels/{label}:predict",
    ];

    private static readonly string[] TensorModels =
    [
        "classifier", "dynamic_inner", "embedder", "fixed_batch", "gather", "identity_bfloat16", "identity_bool", "identity_double",
        "identity_float16", "identity_int8", "identity_string", "identity_uint64", "image", "pair", "pieces", "scalar", "sequence_out",
        "two_in_two_out", "upper", "zipmap",
    ];

    [Fact]
    public async Task Examples_OfTensorModels_AreAnswered()
    {
        using var models = new ModelFolder();
        var shipped = Path.Combine(Path.GetDirectoryName(FunctionsProcess.Executable)!, "models");
        foreach (var file in Directory.GetFiles(shipped, "*", SearchOption.AllDirectories))
            models.Write(await File.ReadAllBytesAsync(file), Path.GetRelativePath(shipped, file));
        foreach (var model in TensorModels)
            TestModels.CopyTo(model, models.PathOf(model, "1"));
        models.Write(OnnxText.Compile("in pixels f32[n,3,224,224]; same = Identity(pixels); out same f32[n,3,224,224]"), "large", "1",
            "model.onnx");
        models.Write(OnnxText.Compile("in pixels f32[n,3,224,224]; mean = GlobalAveragePool(pixels); out mean f32[n,3,1,1]"), "photo", "1",
            "model.onnx");
        models.Write("""{"image":{"height":224,"width":224}}""", "photo", "model.json");
        // Zero is not a category of this model, whose owner gives a sample.
        TestModels.CopyTo("gather", models.PathOf("sampled", "1"));
        models.Write("""{"lifecycle":{"warmup":[{"request":{"features":[2,3]}}]}}""", "sampled", "model.json");
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync(("Models__Source", models.Path));

        var without = await WalkAsync(process, hasJobs: true, [.. Directory.GetDirectories(models.Path).Select(Path.GetFileName)!]);

        Assert.Contains("post /models/large/predict", without);
        Assert.DoesNotContain("post /models/photo/predict", without);
    }

    [Fact]
    public async Task Examples_OfTextModels_AreAnswered()
    {
        var without = await WalkAsync(texts.Process, hasJobs: false, "mean", "prompted", "none", "ranker", "classifier");

        // No loaded model has labels for its versions.
        Assert.Empty(without.Except(OfCallers));
    }

    [Fact]
    public async Task Examples_OfTasks_AreAnswered()
    {
        var without = await WalkAsync(
            tasks.Process, hasJobs: false, "sentences", "sentiment", "ranker", "nli", "entities", "masked", "pixels", "unknown");

        Assert.Empty(without.Except(OfCallers));
    }

    /// <summary>Sends the examples with each model alone, and then with all models loaded.</summary>
    /// <returns>The operations without an example when all models are loaded.</returns>
    private static async Task<List<string>> WalkAsync(FunctionsProcess process, bool hasJobs, params string[] models)
    {
        foreach (var model in models)
        {
            await process.GetAsync($"/models/{model}");
            var walk = new DocumentWalk(process, hasJobs);
            await walk.SendAsync();
            Assert.True(walk.Differences.Count == 0, $"{model}: {string.Join('\n', walk.Differences)}");
            using var unloaded = await process.PostAsync($"/v2/repository/models/{model}/unload", "{}");
            unloaded.EnsureSuccessStatusCode();
        }

        foreach (var model in models)
            await process.GetAsync($"/models/{model}");
        var all = new DocumentWalk(process, hasJobs);
        await all.SendAsync();
        Assert.True(all.Differences.Count == 0, string.Join('\n', all.Differences));
        return all.WithoutExample;
    }
}
