using System.Collections.Concurrent;
using Azure.Storage.Queues.Models;

namespace Functions.Tests.Queues.Faults;

/// <summary>A consumer of the results queue. It keeps the different messages of each prediction.</summary>
internal sealed class ResultArrivals(PredictionScenario scenario)
{
    private readonly ConcurrentDictionary<string, HashSet<string>> _byId = new();

    /// <summary>The number of messages that arrived, including repeated ones.</summary>
    public int Total { get; private set; }

    public int Predictions => _byId.Count;

    /// <summary>The different messages of one prediction.</summary>
    public IReadOnlyCollection<string> Of(string id) => _byId.GetValueOrDefault(id) ?? [];

    /// <summary>Receives messages until the given number of predictions have one.</summary>
    public async Task WaitForAsync(int predictions, TimeSpan limit)
    {
        using var end = new CancellationTokenSource(limit);
        while (Predictions < predictions)
        {
            Assert.False(end.IsCancellationRequested, $"{Predictions} of {predictions} results came in {limit}.");
            await ReceiveAsync();
        }
    }

    public async Task ReceiveAsync()
    {
        QueueMessage[] page = await scenario.Results.ReceiveMessagesAsync(32, PredictionScenario.HiddenTime);
        foreach (var text in page.Select(message => message.Body.ToString()))
            _byId.GetOrAdd(PredictionScenario.Parse(text).GetProperty("id").GetString()!, _ => []).Add(text);
        Total += page.Length;
        await Task.WhenAll(page.Select(message => scenario.Results.DeleteMessageAsync(message.MessageId, message.PopReceipt)));
    }
}
