using System.Text;
using Inference.Azure.Predictions;
using Inference.Models;
using Inference.Testing;

namespace Inference.Azure.Tests.Predictions;

/// <summary>In these tests, a message contains only its id, and a result contains only its error code.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class PoisonMessagesTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task ReceiveAll_NoQueue_IsEmpty()
    {
        await using var scenario = new ContainerScenario(azurite);

        Assert.Empty(await Create(scenario).ReceiveAllAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendFailed_SendInterrupted_NeverExpireAndAreBothRead(bool interrupted)
    {
        await using var scenario = new ContainerScenario(azurite);

        await (interrupted
            ? scenario.Queues.SendInterruptedAsync(Encoding.UTF8.GetBytes("a"), CancellationToken.None)
            : scenario.Queues.SendFailedAsync(Encoding.UTF8.GetBytes("a"), CancellationToken.None));
        if (!interrupted)
            await FailAsync(scenario, "a", "overloaded");

        var message = Assert.Single(await Create(scenario).ReceiveAllAsync(CancellationToken.None));
        Assert.True(message.Message.ExpiresOn > DateTimeOffset.UtcNow.AddYears(50), $"It expires at {message.Message.ExpiresOn}.");
        Assert.True(await Create(scenario).ReplayAsync(message, CancellationToken.None));
        Assert.Equal("a", (await scenario.Queue.ReceiveMessageAsync()).Value.Body.ToString());
        Assert.Equal(0, (await (interrupted ? scenario.Poison : scenario.Failed).GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    [Fact]
    public async Task ReceiveAll_MoreThanAPage_HasAllWithTheirReasons()
    {
        await using var scenario = new ContainerScenario(azurite);
        await scenario.Poison.CreateAsync();
        for (var i = 0; i < 70; i++)
            await scenario.Poison.SendMessageAsync($"id{i}");
        await FailAsync(scenario, "id7", "overloaded");

        var all = await Create(scenario).ReceiveAllAsync(CancellationToken.None);

        Assert.Equal(70, all.Select(message => message.Id).Distinct().Count());
        Assert.Equal("id7", Assert.Single(all, message => message.Reason?.Code == "overloaded").Id?.Value);
        Assert.Equal(69, all.Count(message => message.Reason?.Code == "interrupted"));
    }

    [Fact]
    public async Task Replay_ForgetsTheFailureAndSendsTheMessageAgain()
    {
        await using var scenario = new ContainerScenario(azurite);
        var message = await TakeOneAsync(scenario, "a");

        Assert.True(await Create(scenario).ReplayAsync(message, CancellationToken.None));

        Assert.False(await scenario.Container.ExistsAsync("a.json", CancellationToken.None));
        Assert.Equal("a", (await scenario.Queue.ReceiveMessageAsync()).Value.Body.ToString());
        Assert.Equal(0, (await scenario.Poison.GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    /// <summary>The result is in another container, or has expired.</summary>
    [Fact]
    public async Task Replay_FailedMessageWithoutItsResult_SendsNothing()
    {
        await using var scenario = new ContainerScenario(azurite);
        await scenario.Queues.SendFailedAsync(Encoding.UTF8.GetBytes("a"), CancellationToken.None);
        var message = Assert.Single(await Create(scenario).ReceiveAllAsync(CancellationToken.None));

        Assert.Equal((false, "noResult"), (message.CanReplay, message.Reason.Code));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Create(scenario).ReplayAsync(message, CancellationToken.None));

        Assert.Equal(1, (await scenario.Failed.GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    [Fact]
    public async Task Drop_DeletesTheMessageAndKeepsTheFailure()
    {
        await using var scenario = new ContainerScenario(azurite);
        var message = await TakeOneAsync(scenario, "a");

        Assert.True(await PoisonMessages.DropAsync(message, CancellationToken.None));

        Assert.True(await scenario.Container.ExistsAsync("a.json", CancellationToken.None));
        Assert.Equal(0, (await scenario.Poison.GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    [Fact]
    public async Task Release_MakesItVisibleAgain()
    {
        await using var scenario = new ContainerScenario(azurite);
        var message = await TakeOneAsync(scenario, "a");
        Assert.Empty(await Create(scenario).ReceiveAllAsync(CancellationToken.None));

        await PoisonMessages.ReleaseAsync(message, CancellationToken.None);

        Assert.Equal("a", Assert.Single(await Create(scenario).ReceiveAllAsync(CancellationToken.None)).Id?.Value);
    }

    [Fact]
    public async Task Drop_LeasedByAnotherProcess_ReportsThis()
    {
        await using var scenario = new ContainerScenario(azurite);
        var message = await TakeOneAsync(scenario, "a");
        await scenario.Poison.ClearMessagesAsync();

        Assert.False(await PoisonMessages.DropAsync(message, CancellationToken.None));
    }

    /// <summary>The release stands for an operator who decides after the visibility timeout.</summary>
    [Fact]
    public async Task Replay_LeasedByAnotherProcess_SendsNothing()
    {
        await using var scenario = new ContainerScenario(azurite);
        var late = await TakeOneAsync(scenario, "a");
        await PoisonMessages.ReleaseAsync(late, CancellationToken.None);
        var other = Assert.Single(await Create(scenario).ReceiveAllAsync(CancellationToken.None));

        Assert.False(await Create(scenario).ReplayAsync(late, CancellationToken.None));
        Assert.True(await scenario.Container.ExistsAsync("a.json", CancellationToken.None));
        Assert.True(await Create(scenario).ReplayAsync(other, CancellationToken.None));
        Assert.False(await Create(scenario).ReplayAsync(late, CancellationToken.None));

        Assert.Single((await scenario.Queue.ReceiveMessagesAsync(maxMessages: 10)).Value);
        Assert.Equal(0, (await scenario.Poison.GetPropertiesAsync()).Value.ApproximateMessagesCount);
    }

    private static PoisonMessages Create(ContainerScenario scenario) => new(
        scenario.Queues,
        scenario.Container,
        message => PredictionId.TryParse(Encoding.UTF8.GetString(message.Span), out var id) ? (id, null) : (null, null),
        result => new PoisonReason(Encoding.UTF8.GetString(result.Span), "reason"));

    private static Task<bool> FailAsync(ContainerScenario scenario, string id, string code) =>
        scenario.Container.TryCreateAsync($"{id}.json", Encoding.UTF8.GetBytes(code), CancellationToken.None);

    private static async Task<PoisonMessage> TakeOneAsync(ContainerScenario scenario, string id)
    {
        await scenario.Poison.CreateAsync();
        await scenario.Poison.SendMessageAsync(id);
        await FailAsync(scenario, id, "overloaded");
        return Assert.Single(await Create(scenario).ReceiveAllAsync(CancellationToken.None));
    }
}
