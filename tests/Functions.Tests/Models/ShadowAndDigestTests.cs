using System.Security.Cryptography;
using System.Text.Json;

namespace Functions.Tests.Models;

/// <summary>Tests shadow versions, and the digests of served files, on the real executable.</summary>
public sealed class ShadowAndDigestTests : IDisposable
{
    private const string Predict = "/models/scaling/predict";
    private const string Features = "{\"features\":[1,0,0,0]}";
    private const string Infer = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,0,0,0]}]}";

    private readonly ModelFolder _folder = new();

    public ShadowAndDigestTests()
    {
        _folder.WriteScaling("scaling", 1, 1);
        _folder.WriteScaling("scaling", 2, 2);
    }

    [Fact]
    public async Task Predict_WithAShadow_IsAnsweredByTheOtherAndTheDifferenceIsShown()
    {
        _folder.Write("""{"versions":{"shadow":1}}""", "scaling", "model.json");
        await using var process = await _folder.ServeAsync();

        Assert.Equal("[[2,0,0,0]]", (await process.PostJsonAsync(Predict, Features)).GetProperty("predictions").ToString());
        await process.WaitForOutputAsync("Shadow scaling/1 differs");

        Assert.Equal("""{"compared":1,"different":1,"failed":0,"dropped":0,"largestDifference":1}""", (await VersionAsync(process, 1))
            .GetProperty("shadow").ToString());
        Assert.False((await VersionAsync(process, 2)).TryGetProperty("shadow", out _));
    }

    [Fact]
    public async Task Predict_ShadowDoesNotLoad_IsAnsweredAllTheSame()
    {
        _folder.Write("no model", "scaling", "1", "model.onnx");
        _folder.Write("""{"versions":{"shadow":1}}""", "scaling", "model.json");
        await using var process = await _folder.ServeAsync();

        await process.PostJsonAsync(Predict, Features);
        await process.WaitForOutputAsync("Shadow scaling/1 failed");

        Assert.Equal(1, (await VersionAsync(process, 1)).GetProperty("shadow").GetProperty("failed").GetInt32());
    }

    [Fact]
    public async Task GetModel_ShowsTheDigestOfTheModelFileOrOfTheManifest()
    {
        _folder.Shell("scaling/1", "sha256sum model.onnx > model.sha256");
        await using var process = await _folder.ServeAsync();
        await process.PostJsonAsync("/models/scaling/versions/1/predict", Features);

        var (first, second) = (await VersionAsync(process, 1), await VersionAsync(process, 2));

        Assert.Equal((Digest("1", "model.sha256"), "model.sha256"),
            (first.GetProperty("digest").GetString(), first.GetProperty("digestOf").GetString()));
        Assert.Equal((Digest("2", "model.onnx"), "model.onnx"),
            (second.GetProperty("digest").GetString(), second.GetProperty("digestOf").GetString()));
    }

    [Fact]
    public async Task Predict_ResultsWithDigest_NameTheFilesThatComputedThem()
    {
        _folder.Write("""{"results":{"digest":true}}""", "scaling", "model.json");
        await using var process = await _folder.ServeAsync();

        var plain = await process.PostJsonAsync(Predict, Features);
        var open = await process.PostJsonAsync("/v2/models/scaling/versions/1/infer", Infer);

        Assert.Equal(Digest("2", "model.onnx"), plain.GetProperty("model_digest").GetString());
        Assert.Equal(Digest("1", "model.onnx"), open.GetProperty("parameters").GetProperty("model_digest").GetString());
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<JsonElement> VersionAsync(FunctionsProcess process, int version) =>
        (await process.GetAsync("/models/scaling"))
            .GetProperty("versions").EnumerateArray().Single(entry => entry.GetProperty("version").GetInt32() == version);

    private string Digest(string version, string file) =>
        $"sha256:{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_folder.PathOf("scaling", version, file))))}";
}
