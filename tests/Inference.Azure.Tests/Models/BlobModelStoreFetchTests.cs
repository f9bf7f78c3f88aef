using Azure.Core;
using Inference.Testing;

namespace Inference.Azure.Tests.Models;

[Collection(AzuriteCollection.Name)]
public sealed class BlobModelStoreFetchTests(AzuriteFixture azurite)
{
    private const int LargeBlob = 40 << 20;

    [Fact]
    public async Task FetchAsync_FolderWithDataAndLabels_SameBytesUnderTheSameNames()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        (string, int)[] blobs =
            [("model.onnx", 1000), ("model.onnx.data", 70_000), ("labels.txt", 20), ("deep/er/w 1.bin", 9), ("empty", 0)];
        var contents = new Dictionary<string, byte[]>();
        foreach (var (name, length) in blobs)
            contents[name] = await scenario.UploadAsync($"digits/3/{name}", length);

        var files = await scenario.Store.FetchAsync(await scenario.SingleAsync("digits"), CancellationToken.None);

        var folder = Path.GetDirectoryName(files.ModelPath)!;
        Assert.Equal(Path.Combine(folder, "model.onnx"), files.ModelPath);
        Assert.Equal(Path.Combine(folder, "labels.txt"), files.LabelsPath);
        foreach (var (name, content) in contents)
            Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(folder, name)));
        Assert.Empty(scenario.Leftovers());
    }

    [Fact]
    public async Task FetchAsync_BareModelUnderPrefix_WithItsData()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        var model = await scenario.UploadAsync("team/digits.onnx", 300);
        var data = await scenario.UploadAsync("team/digits.onnx_data", 400);
        var store = scenario.NewStore("team/");

        var version = Assert.Single(await store.ListAsync(null, CancellationToken.None));
        var files = await store.FetchAsync(version, CancellationToken.None);

        Assert.Equal(model, await File.ReadAllBytesAsync(files.ModelPath));
        Assert.Equal(data, await File.ReadAllBytesAsync(files.ModelPath + "_data"));
        Assert.Null(files.LabelsPath);
    }

    [Fact]
    public async Task FetchAsync_LargeBlob_InConditionalRanges()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        var content = await scenario.UploadAsync("big/1/model.onnx", LargeBlob);
        var version = await scenario.SingleAsync("big");
        var (ranges, unconditional) = (0, 0);
        scenario.Wire.Before = message =>
        {
            if (RequestProbe.IsDownload(message))
            {
                Interlocked.Increment(ref ranges);
                if (!message.Request.Headers.Contains("If-Match"))
                    Interlocked.Increment(ref unconditional);
            }

            return Task.CompletedTask;
        };

        var files = await scenario.Store.FetchAsync(version, CancellationToken.None);

        var fetched = await File.ReadAllBytesAsync(files.ModelPath);
        Assert.True(content.AsSpan().SequenceEqual(fetched));
        Assert.Equal((5, 0), (ranges, unconditional));
    }

    [Fact]
    public async Task FetchAsync_FetchedBefore_NoRequest()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        var version = await scenario.SingleAsync("digits");
        var first = await scenario.Store.FetchAsync(version, CancellationToken.None);
        var before = scenario.Wire.Requests;

        // A second store uses the same cache, as after a restart.
        var second = await scenario.NewStore().FetchAsync(version, CancellationToken.None);

        Assert.Equal(first, second);
        Assert.Equal(before, scenario.Wire.Requests);
    }

    [Fact]
    public async Task FetchAsync_NewContent_BesideTheOld()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx", 10);
        var old = await scenario.Store.FetchAsync(await scenario.SingleAsync("digits"), CancellationToken.None);
        await scenario.UploadAsync("digits/1/model.onnx", 20);

        var current = await scenario.Store.FetchAsync(await scenario.SingleAsync("digits"), CancellationToken.None);

        Assert.Equal(10, new FileInfo(old.ModelPath).Length);
        Assert.Equal(20, new FileInfo(current.ModelPath).Length);
    }

    [Fact]
    public async Task FetchAsync_CachedFileWasRemoved_FetchedAgain()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        await scenario.UploadAsync("digits/1/model.onnx.data");
        var version = await scenario.SingleAsync("digits");
        var files = await scenario.Store.FetchAsync(version, CancellationToken.None);
        File.Delete(files.ModelPath + ".data");

        Assert.Equal(files, await scenario.Store.FetchAsync(version, CancellationToken.None));
        Assert.True(File.Exists(files.ModelPath + ".data"));
        Assert.Empty(scenario.Leftovers());
    }

    [Fact]
    public async Task FetchAsync_TwoStoresAtOnce_SameFiles()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        var content = await scenario.UploadAsync("digits/1/model.onnx", 5000);
        var version = await scenario.SingleAsync("digits");
        var arrivals = 0;
        var bothArrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scenario.Wire.Before = message =>
        {
            if (RequestProbe.IsDownload(message) && Interlocked.Increment(ref arrivals) == 2)
                bothArrived.SetResult();
            return RequestProbe.IsDownload(message) ? bothArrived.Task : Task.CompletedTask;
        };

        var files = await Task.WhenAll(
            scenario.Store.FetchAsync(version, CancellationToken.None), scenario.NewStore().FetchAsync(version, CancellationToken.None));

        Assert.Equal(files[0], files[1]);
        Assert.Equal(content, await File.ReadAllBytesAsync(files[0].ModelPath));
        Assert.Empty(scenario.Leftovers());
    }

    [Fact]
    public async Task FetchAsync_Cancelled_StopsAndLeavesNothing()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx", 20 << 20);
        await scenario.UploadAsync("digits/1/labels.txt", 20);
        var version = await scenario.SingleAsync("digits");
        var lastRange = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scenario.Wire.Before = message =>
        {
            if (!IsRangeFrom(message, 16 << 20))
                return Task.CompletedTask;
            lastRange.SetResult();
            return Task.Delay(Timeout.Infinite, message.CancellationToken);
        };
        using var caller = new CancellationTokenSource();

        var fetch = scenario.Store.FetchAsync(version, caller.Token);
        await lastRange.Task;
        Assert.NotEmpty(scenario.Leftovers());
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        Assert.Empty(scenario.Leftovers());
        scenario.Wire.Before = _ => Task.CompletedTask;
        Assert.True(File.Exists((await scenario.Store.FetchAsync(version, CancellationToken.None)).ModelPath));
    }

    [Fact]
    public async Task FetchAsync_CancelledBefore_SendsNothing()
    {
        await using var scenario = await BlobScenario.CreateAsync(azurite);
        await scenario.UploadAsync("digits/1/model.onnx");
        var version = await scenario.SingleAsync("digits");
        var before = scenario.Wire.Requests;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => scenario.Store.FetchAsync(version, new CancellationToken(canceled: true)));

        Assert.Equal(before, scenario.Wire.Requests);
    }

    private static bool IsRangeFrom(HttpMessage message, int start) =>
        message.Request.Headers.TryGetValue("x-ms-range", out var range) && range!.StartsWith($"bytes={start}-", StringComparison.Ordinal);
}
