using System.Net;
using Azure.Storage.Blobs;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>Tests the real executable with models in Azurite.</summary>
public sealed class BlobModelsTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    [Fact]
    public async Task Predict_ModelInAContainer_AnswersEvenWithoutTheStore()
    {
        await azurite.StartAsync();
        using var cache = new TempFolder();
        await UploadAsync("outage", "fixed_batch", "external");
        await using var process = await StartAsync("outage", cache);

        await AssertAnswersAsync(process);
        await azurite.StopAsync();

        await AssertAnswersAsync(process);
        using var other = await process.PostAsync("/models/external/predict", "{\"features\":[0,0,0,0]}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, other.StatusCode);
        Assert.NotNull(other.Headers.RetryAfter);
        Assert.DoesNotContain("AccountKey", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_64FirstRequests_DownloadAndLoadOnce()
    {
        await azurite.StartAsync();
        using var cache = new TempFolder();
        await UploadAsync("cold", "fixed_batch");
        await using var process = await StartAsync("cold", cache);

        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => AssertAnswersAsync(process)));

        await process.WaitForOutputAsync("Model fixed_batch/1 loaded");
        Assert.Equal(2, process.Output.Split("Model fixed_batch/1 loaded").Length);
    }

    [Fact]
    public async Task Predict_ModelUploadedLater_IsServedWithoutARestart()
    {
        await azurite.StartAsync();
        using var cache = new TempFolder();
        await UploadAsync("later");
        await using var process = await StartAsync("later", cache);
        using (var missing = await process.PostAsync("/models/fixed_batch/predict", "{\"features\":[1,2,3,4]}"))
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);

        await UploadAsync("later", "fixed_batch");

        await AssertAnswersAsync(process);
    }

    private static async Task AssertAnswersAsync(FunctionsProcess process)
    {
        var response = await process.PostJsonAsync("/models/fixed_batch/predict", "{\"features\":[1,2,3,4]}");
        Assert.Equal("[[2,4,6,8]]", response.GetProperty("predictions").ToString());
    }

    private Task<FunctionsProcess> StartAsync(string container, TempFolder cache) => FunctionsProcess.StartAsync(
        ("AzureWebJobsStorage", azurite.ConnectionString),
        ("Models__Source", $"blob:{container}"),
        ("Models__CacheDirectory", cache.Combine("cache")));

    private async Task UploadAsync(string container, params string[] models)
    {
        var client = new BlobContainerClient(azurite.ConnectionString, container);
        await client.CreateIfNotExistsAsync();
        using var folder = new TempFolder();
        foreach (var model in models)
        {
            TestModels.CopyTo(model, folder.Combine(model));
            foreach (var file in Directory.GetFiles(folder.Combine(model)))
                await client.GetBlobClient($"{model}/1/{Path.GetFileName(file)}").UploadAsync(file, overwrite: true);
        }
    }
}
