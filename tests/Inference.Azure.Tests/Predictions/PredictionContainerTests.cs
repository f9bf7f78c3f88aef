using System.Text;
using Inference.Azure.Predictions;
using Inference.Testing;

namespace Inference.Azure.Tests.Predictions;

[Collection(AzuriteCollection.Name)]
public sealed class PredictionContainerTests(AzuriteFixture azurite)
{
    private static readonly ReadOnlyMemory<byte> Content = Encoding.UTF8.GetBytes("content");

    [Fact]
    public async Task TryCreate_ManyAtOnce_OneWritesAndTheContainerIsMade()
    {
        await using var scenario = new ContainerScenario(azurite);

        var created = await Task.WhenAll(Enumerable.Range(0, 16)
            .Select(i => scenario.Container.TryCreateAsync("a.json", Encoding.UTF8.GetBytes($"{i}"), CancellationToken.None)));

        var winner = Assert.Single(Enumerable.Range(0, 16), i => created[i]);
        Assert.Equal($"{winner}", (await scenario.Container.ReadAsync("a.json", 100, CancellationToken.None))!.Content.ToString());
    }

    [Fact]
    public async Task TryCreate_ContainerThere_IsOneRequest()
    {
        await using var scenario = new ContainerScenario(azurite);
        await scenario.Raw.CreateAsync();

        await scenario.Container.TryCreateAsync("a.json", Content, CancellationToken.None);

        Assert.Equal(1, scenario.Wire.Requests);
    }

    [Fact]
    public async Task TryCreate_FirstAnswerLost_IsNotWrittenTwice()
    {
        await using var scenario = new ContainerScenario(azurite);
        await scenario.Container.TryCreateAsync("a.json", Content, CancellationToken.None);

        // A retry after a lost response gets this result.
        Assert.False(await scenario.Container.TryCreateAsync("a.json", Content, CancellationToken.None));
    }

    [Fact]
    public async Task Read_LargerThanTheLimit_IsTheBeginning()
    {
        await using var scenario = new ContainerScenario(azurite);
        await scenario.Container.TryCreateAsync("a.json", Content, CancellationToken.None);

        var head = await scenario.Container.ReadAsync("a.json", 3, CancellationToken.None);

        Assert.Equal(("con", 7L, false), (head!.Content.ToString(), head.Length, head.IsComplete));
        await using var middle = await scenario.Container.OpenAsync("a.json", 2, 3, CancellationToken.None);
        using var reader = new StreamReader(middle!);
        Assert.Equal("nte", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task TryReplace_ChangedMeanwhile_LeavesIt()
    {
        await using var scenario = new ContainerScenario(azurite);
        await scenario.Container.TryCreateAsync("a.json", Content, CancellationToken.None);
        var read = await scenario.Container.ReadAsync("a.json", 100, CancellationToken.None);

        Assert.True(await scenario.Container.TryReplaceAsync("a.json", Encoding.UTF8.GetBytes("one"), read!.ETag, CancellationToken.None));
        Assert.False(await scenario.Container.TryReplaceAsync("a.json", Encoding.UTF8.GetBytes("two"), read.ETag, CancellationToken.None));
        Assert.Equal("one", (await scenario.Container.ReadAsync("a.json", 100, CancellationToken.None))!.Content.ToString());
    }

    [Fact]
    public async Task Expired_IsMissingBeforeItIsDeletedAndItsNameIsFree()
    {
        await using var scenario = new ContainerScenario(azurite);
        await scenario.Container.TryCreateAsync("a.json", Content, CancellationToken.None);
        scenario.Wire.Ahead = scenario.Settings.TimeToLive!.Value;

        Assert.Null(await scenario.Container.ReadAsync("a.json", 100, CancellationToken.None));
        Assert.False(await scenario.Container.ExistsAsync("a.json", CancellationToken.None));
        Assert.True(await scenario.Container.TryCreateAsync("a.json", Encoding.UTF8.GetBytes("new"), CancellationToken.None));
        Assert.Equal("new", (await scenario.Raw.GetBlobClient("a.json").DownloadContentAsync()).Value.Content.ToString());
    }

    [Fact]
    public async Task DeleteExpired_DeletesTheAppsOwnAndNothingElse()
    {
        await using var scenario = new ContainerScenario(azurite);
        Assert.Equal(0, await scenario.Container.DeleteExpiredAsync(CancellationToken.None));
        foreach (var name in (string[])["a.json", "jobs/a.json", "requests/a.json", "mine/a.json", "notes.txt", "jobs/x/a.json"])
            await scenario.Container.TryCreateAsync(name, Content, CancellationToken.None);

        Assert.Equal(0, await scenario.Container.DeleteExpiredAsync(CancellationToken.None));
        scenario.Wire.Ahead = scenario.Settings.TimeToLive!.Value;
        Assert.Equal(3, await scenario.Container.DeleteExpiredAsync(CancellationToken.None));

        Assert.Equal(["jobs/x/a.json", "mine/a.json", "notes.txt"], scenario.Raw.GetBlobs().Select(blob => blob.Name));
    }

    [Fact]
    public async Task TimeToLive_Zero_KeepsForEver()
    {
        await using var scenario = new ContainerScenario(azurite, timeToLive: "0");
        await scenario.Container.TryCreateAsync("a.json", Content, CancellationToken.None);
        scenario.Wire.Ahead = TimeSpan.FromDays(10_000);

        Assert.True(await scenario.Container.ExistsAsync("a.json", CancellationToken.None));
        Assert.Equal(0, await scenario.Container.DeleteExpiredAsync(CancellationToken.None));
    }

    [Fact]
    public async Task StorageDown_IsOneKindOfErrorWithoutASecret()
    {
        await using var scenario = new ContainerScenario(azurite);
        await azurite.StopAsync();
        try
        {
            var error = await Assert.ThrowsAsync<PredictionStorageException>(
                () => scenario.Container.TryCreateAsync("a.json", Content, CancellationToken.None));
            await Assert.ThrowsAsync<PredictionStorageException>(() => scenario.Container.DeleteExpiredAsync(CancellationToken.None));

            Assert.Contains("AzureWebJobsStorage", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("AccountKey", error.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            await azurite.StartAsync();
        }
    }
}
