using System.Net;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>
/// Tests that the real executable refuses untrusted files. The manifests are made with the commands of docs/models-trust.md.
/// </summary>
public sealed class TrustTests : IDisposable
{
    private const string Manifest = "find . -type f ! -name 'model.sha256*' -print0 | sort -z | xargs -0 sha256sum > model.sha256";
    private const string Features = "{\"features\":[1,0,0,0]}";

    private readonly ModelFolder _folder = new();

    public TrustTests()
    {
        foreach (var name in (string[])["good", "bad"])
            _folder.WriteScaling(name, 1, 2);
    }

    [Fact]
    public async Task Predict_ManifestRequired_ServesOnlyVersionsWithOne()
    {
        _folder.Shell("good/1", Manifest);
        await using var process = await _folder.ServeAsync(("Models__RequireManifest", "true"));

        await process.PostJsonAsync("/models/good/predict", Features);
        await AssertRefusedAsync(process, "it has no model.sha256");
    }

    [Fact]
    public async Task Predict_ChangedAfterItsManifest_IsRefused()
    {
        _folder.Shell("bad/1", Manifest);
        _folder.WriteScaling("bad", 1, 3);
        await using var process = await _folder.ServeAsync();

        await AssertRefusedAsync(process, "has the digest");
    }

    [Theory]
    [InlineData(": > model.onnx", "does not load")]
    [InlineData("truncate -s 60 model.onnx", "does not load")]
    [InlineData("printf 'no model' > model.onnx", "does not load")]
    [InlineData("ln -s /etc/passwd labels.txt", "is a link that leads out of the model's folder")]
    [InlineData("mv model.onnx ../../hidden && ln -s ../../hidden model.onnx", "is a link that leads out of the model's folder")]
    [InlineData("ln -s b a && ln -s a b", "is a link that leads nowhere")]
    [InlineData("mkfifo pipe", "is neither a file nor a folder")]
    [InlineData("mkfifo labels.txt", "is neither a file nor a folder")]
    [InlineData("mkfifo ../model.json", "is neither a file nor a folder")]
    [InlineData("ln -s /dev/zero ../config.pbtxt", "is a link that leads out of the model's folder")]
    [InlineData("ln -s /etc/passwd ../versions.json", "is a link that leads out of the model's folder")]
    public async Task Predict_FilesAreNoGood_IsRefusedAndTheOthersAreServed(string command, string reason)
    {
        _folder.Shell("bad/1", command);
        await using var process = await _folder.ServeAsync();

        await AssertRefusedAsync(process, reason);
        await process.PostJsonAsync("/models/good/predict", Features);
    }

    [Theory]
    [InlineData("rm external.bin", "external.bin")]
    [InlineData("truncate -s 70 external.bin", "out of bounds")]
    [InlineData("mv external.bin ../extrn.bin && sed -i 's|external.bin|../extrn.bin|' model.onnx", "escapes")]
    public async Task Predict_ExternalDataIsNoGood_IsRefused(string command, string reason)
    {
        Directory.Delete(_folder.PathOf("bad"), recursive: true);
        TestModels.CopyTo("external", _folder.PathOf("bad", "1"));
        _folder.Shell("bad/1", command);
        await using var process = await _folder.ServeAsync();

        await AssertRefusedAsync(process, reason);
    }

    [Fact]
    public async Task Predict_MountedVolume_IsServed()
    {
        Directory.Delete(_folder.PathOf("good"), recursive: true);
        TestModels.CopyTo("external", _folder.PathOf("good", "1", "..2026"));
        _folder.Shell("good/1", "ln -s ..2026 ..data && ln -s ..data/model.onnx model.onnx && ln -s ..data/external.bin external.bin");
        await using var process = await _folder.ServeAsync();

        Assert.Equal("[[2,2,3,4]]", (await process.PostJsonAsync("/models/good/predict", Features)).GetProperty("predictions").ToString());
    }

    public void Dispose() => _folder.Dispose();

    private static async Task AssertRefusedAsync(FunctionsProcess process, string reason)
    {
        using var response = await process.PostAsync("/models/bad/predict", Features);
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.True(text.Contains(reason, StringComparison.Ordinal), text);
    }
}
