using System.Text.Json;
using Azure.Storage.Blobs;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>The server finds files that are not models, even if no request names them.</summary>
public sealed class InvalidFileTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>, IDisposable
{
    private readonly ModelFolder _folder = new();

    [Fact]
    public async Task Poll_GarbageInAFolder_FailsWithItsReasonUntilItIsReplaced()
    {
        _folder.WriteScaling("good", 1, 2);
        var whole = File.ReadAllBytes(_folder.PathOf("good", "1", "model.onnx"));
        _folder.Write("no model", "early", "1", "model.onnx");
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));

        await UntilAsync(process, "early", "The file is text, not an ONNX model");
        _folder.Write(whole[..^1], "late", "1", "model.onnx");
        _folder.Write("<html>", "bare.onnx");
        Directory.CreateDirectory(_folder.PathOf("empty"));
        await UntilAsync(process, "late", $"is incomplete: it has {whole.Length - 1} bytes");
        await UntilAsync(process, "bare", "an HTML page");
        await UntilAsync(process, "empty", "\"empty\" has no model file");
        Assert.Equal("available", (await FindAsync(process, "good")).GetProperty("state").GetString());
        Assert.DoesNotContain("loaded in", process.Output, StringComparison.Ordinal);

        _folder.Write(whole, "late", "1", "model.onnx");
        await process.WaitUntilAsync(async () => (await FindAsync(process, "late")).GetProperty("state").ValueEquals("available"));
        await process.PostJsonAsync("/models/late/predict", "{\"features\":[1,0,0,0]}");
        Assert.Single(process.Output.Split('\n'), line => line.Contains("Model early/1 does not load", StringComparison.Ordinal));
    }

    /// <summary>The log must not show the first bytes of a file that a link leads to.</summary>
    [Fact]
    public async Task Start_LinkOutOfTheFolder_FailsAndIsNotRead()
    {
        _folder.WriteScaling("good", 1, 2);
        _folder.Shell("", "echo secret > ../secret && mkdir -p linked/1 && ln -s ../../../secret linked/1/model.onnx && mkfifo pipe.onnx");
        _folder.Write("no model", "zebra", "1", "model.onnx");
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "0"));

        await UntilAsync(process, "zebra", "begins with");

        await UntilAsync(process, "linked", "is not trusted");
        await UntilAsync(process, "pipe", "is not trusted");
        Assert.DoesNotContain("736563726574", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_GarbageInAContainer_FailsWithoutADownload()
    {
        var container = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient("garbage");
        await container.CreateAsync();
        _folder.WriteScaling("good", 1, 2);
        var model = File.ReadAllBytes(_folder.PathOf("good", "1", "model.onnx"));
        await container.UploadBlobAsync("good/1/model.onnx", BinaryData.FromBytes(model));
        await container.UploadBlobAsync("bad/1/model.onnx", BinaryData.FromString("no model"));
        await container.UploadBlobAsync("flat.onnx", BinaryData.FromString("{}"));
        await using var process = await FunctionsProcess.StartAsync(
            ("AzureWebJobsStorage", azurite.ConnectionString), ("Models__Source", "blob:garbage"),
            ("Models__CacheDirectory", _folder.CachePath("blobs")), ("Models__ReloadInterval", "0"));

        await UntilAsync(process, "bad", "The file is text, not an ONNX model");
        await UntilAsync(process, "flat", "is JSON");

        Assert.Equal("available", (await FindAsync(process, "good")).GetProperty("state").GetString());
        Directory.CreateDirectory(_folder.CachePath("blobs"));
        Assert.Empty(Directory.EnumerateFiles(_folder.CachePath("blobs"), "*.onnx", SearchOption.AllDirectories));
    }

    public void Dispose() => _folder.Dispose();

    private static Task UntilAsync(FunctionsProcess process, string model, string reason) => process.WaitUntilAsync(async () =>
    {
        var found = await FindAsync(process, model);
        return found.ValueKind == JsonValueKind.Object && found.GetProperty("state").ValueEquals("failed")
            && found.GetProperty("reason").GetString()!.Contains(reason, StringComparison.Ordinal);
    });

    /// <summary>Returns the only version of a model in the list of models; the model itself when it has no version.</summary>
    private static async Task<JsonElement> FindAsync(FunctionsProcess process, string name)
    {
        var models = (await process.GetAsync("/models")).GetProperty("models").EnumerateArray();
        var model = models.FirstOrDefault(model => model.GetProperty("name").ValueEquals(name));
        return model.ValueKind == JsonValueKind.Object && model.GetProperty("versions").GetArrayLength() == 1
            ? model.GetProperty("versions")[0]
            : model;
    }
}
