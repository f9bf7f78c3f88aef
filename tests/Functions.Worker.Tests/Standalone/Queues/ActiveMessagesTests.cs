using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Functions.Worker.Standalone.Queues;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>Tests the places of messages that do not end.</summary>
public sealed class ActiveMessagesTests
{
    private readonly ActiveMessages _messages = new();
    private readonly FakeTimeProvider _time = new();
    private readonly SourceQueue _queue =
        new(new QueueClient("UseDevelopmentStorage=true", "queue"), new QueueSignal(), TimeSpan.FromSeconds(30)) { Setting = "Storage" };

    [Fact]
    public async Task TryLendPlaces_MaximumIsLent_LendsNoMoreUntilAMessageEnds()
    {
        await using var first = Add();
        await using var second = Add();
        Assert.True(_messages.TryLendPlaces(maxLent: 3, out var active));
        Assert.Equal(2, active);

        await using var third = Add();
        await using var fourth = Add();
        var wait = _messages.WaitUntilAtMostAsync(0);
        Assert.True(_messages.TryLendPlaces(maxLent: 3, out active));
        Assert.Equal(4, active);
        Assert.False(wait.IsCompleted);
        Assert.False(_messages.TryLendPlaces(maxLent: 3, out active));
        Assert.Equal(4, active);

        _messages.Remove(first);
        Assert.True(_messages.TryLendPlaces(maxLent: 3, out active));
        Assert.Equal(3, active);
        await wait;
    }

    private MessageLease Add()
    {
        var message = QueuesModelFactory.QueueMessage("id", "receipt", new BinaryData("text"), 1, null, null, null);
        var lease = new MessageLease(_queue, message, _time.GetTimestamp(), _time, CancellationToken.None);
        _messages.Add(lease);
        return lease;
    }
}
