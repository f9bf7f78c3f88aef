using Azure.Core;
using Inference.Azure.Predictions;
using Inference.Models;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Azure.Tests.Predictions;

[Collection(AzuriteCollection.Name)]
public sealed class JobRecordsTests(AzuriteFixture azurite)
{
    private static readonly PredictionId Id = PredictionId.TryParse("a", out var id) ? id : default;

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private JobRecord Record => new("m", Version: null, "00", _time.GetUtcNow());

    [Fact]
    public async Task ChangedByManyAtOnce_LosesNoChange()
    {
        await using var scenario = new ContainerScenario(azurite);
        var records = new JobRecords(scenario.Container, _time);
        Assert.Equal((Record, true), await records.GetOrCreateAsync(Id, Record, CancellationToken.None));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => records.MarkRunningAsync(Id, CancellationToken.None))
            .Append(records.MarkSentAsync(Id, CancellationToken.None)));

        var changed = await records.GetOrCreateAsync(Id, Record, CancellationToken.None);
        Assert.Equal((Record with { IsSent = true, Started = _time.GetUtcNow(), Attempts = 8 }, false), changed);
    }

    [Fact]
    public async Task Gone_IsNotMadeByAChange()
    {
        await using var scenario = new ContainerScenario(azurite);
        var records = new JobRecords(scenario.Container, _time);

        await records.MarkRunningAsync(Id, CancellationToken.None);

        Assert.Null(await records.FindAsync(Id, CancellationToken.None));
        Assert.False(await records.TryTakeOverAsync(Id, CancellationToken.None));
        Assert.False(await records.RenewAsync(Id, CancellationToken.None));
    }

    [Fact]
    public async Task Renew_Record_IsWrittenAgainUnchanged()
    {
        await using var scenario = new ContainerScenario(azurite);
        var records = new JobRecords(scenario.Container, _time);
        await records.GetOrCreateAsync(Id, Record, CancellationToken.None);
        var blob = scenario.Raw.GetBlobClient(BlobNames.Job(Id));
        var before = (await blob.GetPropertiesAsync()).Value.ETag;

        Assert.True(await records.RenewAsync(Id, CancellationToken.None));

        Assert.NotEqual(before, (await blob.GetPropertiesAsync()).Value.ETag);
        Assert.Equal(Record, await records.FindAsync(Id, CancellationToken.None));
    }

    [Fact]
    public async Task Renew_JobWithARequestBlob_RenewsTheRequestToo()
    {
        await using var scenario = new ContainerScenario(azurite);
        var records = new JobRecords(scenario.Container, _time);
        await records.GetOrCreateAsync(Id, Record, CancellationToken.None);
        await scenario.Container.TryCreateAsync(BlobNames.Request(Id), "request"u8.ToArray(), CancellationToken.None);
        var blob = scenario.Raw.GetBlobClient(BlobNames.Request(Id));
        var before = (await blob.GetPropertiesAsync()).Value.ETag;

        Assert.True(await records.RenewAsync(Id, CancellationToken.None));

        // Each write changes the ETag and the time of the last change, from which the time to live counts.
        Assert.NotEqual(before, (await blob.GetPropertiesAsync()).Value.ETag);
        Assert.Equal("request", (await blob.DownloadContentAsync()).Value.Content.ToString());
    }

    [Fact]
    public async Task TryTakeOver_SenderAtWork_WaitsUntilItHasSent()
    {
        await using var scenario = new ContainerScenario(azurite);
        // The record stays young, however long the machine stalls.
        scenario.Wire.Ahead = TimeSpan.FromHours(-1);
        var records = new JobRecords(scenario.Container, TimeProvider.System);
        await records.GetOrCreateAsync(Id, Record, CancellationToken.None);

        var others = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => records.TryTakeOverAsync(Id, CancellationToken.None)));
        await records.MarkSentAsync(Id, CancellationToken.None);

        Assert.DoesNotContain(true, await others);
    }

    [Fact]
    public async Task TryTakeOver_SenderDied_OneOfManySends()
    {
        await using var scenario = new ContainerScenario(azurite);
        var records = new JobRecords(scenario.Container, TimeProvider.System);
        await records.GetOrCreateAsync(Id, Record, CancellationToken.None);
        // The record is old until the first takeover. From then on it is young, however long the machine stalls.
        scenario.Wire.Ahead = TimeSpan.FromHours(1);
        scenario.Wire.Before = message =>
        {
            if (message.Request.Method == RequestMethod.Put)
                scenario.Wire.Ahead = TimeSpan.FromHours(-1);
            return Task.CompletedTask;
        };
        var senders = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            if (!await records.TryTakeOverAsync(Id, CancellationToken.None))
                return;
            Interlocked.Increment(ref senders);
            await records.MarkSentAsync(Id, CancellationToken.None);
        }));

        Assert.Equal(1, senders);
    }
}
