using System.Diagnostics;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

/// <summary>The queues and the container of the app's predictions.</summary>
internal sealed class PredictionStorage(string connection)
{
    private const int MostPerReceive = 32;
    private const int Fillers = 16;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly QueueClient _requests = Queue(connection, "predictions");
    private readonly QueueClient _results = Queue(connection, "predictions-results");
    private readonly QueueClient _poison = Queue(connection, "predictions-poison");
    private readonly BlobContainerClient _container = new(connection, "prediction-results");

    public async Task FillAsync(int count, string features)
    {
        await _requests.CreateIfNotExistsAsync();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = Fillers }, async (number, token) =>
            await _requests.SendMessageAsync(
                $$$"""{"id":"load-{{{number}}}","model":"digits","request":{"features":{{{features}}}}}""", cancellationToken: token));
    }

    /// <param name="answers">
    /// Whether each message causes the storage calls of a prediction: a result blob, a result message and a delete. Otherwise only a
    /// delete.
    /// </param>
    /// <returns>Messages/s.</returns>
    public async Task<double> DrainAsync(int count, int parallel, bool answers)
    {
        if (answers)
        {
            await _results.CreateIfNotExistsAsync();
            await _container.CreateIfNotExistsAsync();
        }

        using var slots = new SemaphoreSlim(parallel);
        var deletes = new List<Task>(count);
        var watch = Stopwatch.StartNew();
        while (deletes.Count < count)
        {
            QueueMessage[] messages = await _requests.ReceiveMessagesAsync(MostPerReceive);
            if (messages.Length == 0)
                throw new InvalidOperationException($"The queue is empty after {deletes.Count} of {count} messages.");
            foreach (var message in messages)
            {
                await slots.WaitAsync();
                deletes.Add(EndAsync(message, answers, slots));
            }
        }

        await Task.WhenAll(deletes);
        return count / watch.Elapsed.TotalSeconds;
    }

    /// <returns>The messages per second, from the first deleted message to the last.</returns>
    public async Task<double> WatchAsync(int count)
    {
        var limit = Stopwatch.StartNew();
        while (await CountAsync(_requests) >= count)
            await WaitAsync(limit);
        var left = await CountAsync(_requests);
        var watch = Stopwatch.StartNew();
        while (await CountAsync(_requests) > 0)
            await WaitAsync(limit);
        var seconds = watch.Elapsed.TotalSeconds;
        await CheckAsync(count);
        return left / seconds;
    }

    private async Task CheckAsync(int count)
    {
        var (results, blobs) = (await CountAsync(_results), 0);
        await foreach (var _ in _container.GetBlobsAsync())
            blobs++;
        var poison = await _poison.ExistsAsync() ? await CountAsync(_poison) : 0;
        if (results != count || blobs != count || poison != 0)
        {
            throw new InvalidOperationException(
                $"{count} messages became {results} result messages, {blobs} result blobs and {poison} poison messages.");
        }
    }

    private async Task EndAsync(QueueMessage message, bool answers, SemaphoreSlim slots)
    {
        try
        {
            if (answers)
            {
                await _container.UploadBlobAsync($"{message.MessageId}.json", message.Body);
                await _results.SendMessageAsync(message.Body);
            }

            await _requests.DeleteMessageAsync(message.MessageId, message.PopReceipt);
        }
        finally
        {
            slots.Release();
        }
    }

    private static async Task<int> CountAsync(QueueClient queue) => (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount;

    private static async Task WaitAsync(Stopwatch watch)
    {
        if (watch.Elapsed > Limit)
            throw new TimeoutException($"The queue is not worked off within {Limit}.");
        await Task.Delay(Poll);
    }

    /// <summary>Creates a client that sends text without base64, as the app's host.json requires.</summary>
    private static QueueClient Queue(string connection, string name) =>
        new(connection, name, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });
}
