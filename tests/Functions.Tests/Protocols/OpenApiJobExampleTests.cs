using Functions.Tests.Queues;
using Inference.Testing;

namespace Functions.Tests.Protocols;

/// <summary>The examples of GET /openapi.json are requests that the server accepts, for models of tensors and for jobs.</summary>
[Collection(QueuesCollection.Name)]
public sealed class OpenApiJobExampleTests(AzuriteFixture azurite)
{
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
        // The warm-up sample in this model's settings becomes the example.
        TestModels.CopyTo("gather", models.PathOf("sampled", "1"));
        models.Write("""{"lifecycle":{"warmup":[{"request":{"features":[2,3]}}]}}""", "sampled", "model.json");
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var process = await scenario.StartAsync(("Models__Source", models.Path));

        var without = await DocumentWalk.SendForEachAsync(
            process, hasJobs: true, [.. Directory.GetDirectories(models.Path).Select(Path.GetFileName)!]);

        Assert.Contains("post /models/large/predict", without);
        Assert.DoesNotContain("post /models/photo/predict", without);
    }
}
