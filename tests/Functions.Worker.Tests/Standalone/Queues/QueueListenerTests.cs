using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Functions.Worker.Registry;
using Functions.Worker.Tests.Functions;
using Inference.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>Tests the processing of messages: outputs, deletion, failures and the poison queue.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class QueueListenerTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly QueueScenario _scenario = new(azurite);

    [Fact]
    public async Task Run_Success_SendsOutputsAndThenDeletes()
    {
        var wire = new Wire();
        var done = DoneAfter(wire, request => request.Method.Method == "DELETE");
        await _scenario.SendAsync("in");

        var listener = _scenario.Start(Returning("""["a",{"b": 1},2,null]""", " [no array", """{"c":[3]}"""), wire: wire);
        await done;
        await listener.StopAsync();

        Assert.Equal(["a", """{"b": 1}""", "2", "null", " [no array", """{"c":[3]}"""], await QueueScenario.PeekAsync(_scenario.Results));
        Assert.Equal(0, await QueueScenario.CountAsync(_scenario.Queue));
        Assert.StartsWith("DELETE", wire.Answered.Last(r => !r.StartsWith("GET", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OutputsCannotBeSent_IsAFailure()
    {
        var wire = new Wire
        {
            Before = request => request.Uri.Path.Contains("-results", StringComparison.Ordinal)
                ? throw new InvalidOperationException("no results") : Task.CompletedTask,
        };
        await _scenario.SendAsync("in");
        var poisoned = _scenario.Log.NextAsync("is now in");

        var listener = _scenario.Start(Returning("out"), QueueScenario.Settings with { MaxDequeueCount = 2 }, wire);
        await poisoned;
        await listener.StopAsync();

        Assert.Equal(2, _scenario.Log.Errors.Count(e => e.Contains("no results", StringComparison.Ordinal)));
        Assert.Equal(["in"], await QueueScenario.PeekAsync(_scenario.Poison));
    }

    [Fact]
    public async Task Run_OneMessageFailsAlways_MovesToPoisonWhileTheOthersFlow()
    {
        var attempts = new ConcurrentDictionary<string, int>();
        var good = Enumerable.Range(0, 20).Select(i => $"good {i}").ToList();
        await _scenario.SendAsync([.. good.Take(10), "bad", .. good.Skip(10)]);
        var poisoned = _scenario.Log.NextAsync("is now in");

        var listener = _scenario.Start(
            (message, _) =>
            {
                attempts.AddOrUpdate(message, 1, (_, count) => count + 1);
                return message == "bad" ? throw new InvalidOperationException("bad message") : Task.CompletedTask;
            },
            QueueScenario.Settings with { MaxDequeueCount = 3 });
        var text = await poisoned;
        await listener.StopAsync();

        Assert.Contains("after delivery 3", text, StringComparison.Ordinal);
        Assert.Equal(3, attempts["bad"]);
        Assert.Equal(20, attempts.Count(a => a.Key.StartsWith("good", StringComparison.Ordinal) && a.Value == 1));
        PeekedMessage poison = await _scenario.Poison.PeekMessageAsync();
        Assert.Equal("bad", poison.Body.ToString());
        Assert.True(poison.ExpiresOn > DateTimeOffset.UtcNow.AddYears(50), $"It expires at {poison.ExpiresOn}.");
        Assert.Equal(0, await QueueScenario.CountAsync(_scenario.Queue));
        Assert.Contains(_scenario.Log.Errors, e => e.Contains("attempt 2 of 3: bad message", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_Failure_WaitsForTheVisibilityTimeout()
    {
        var wire = new Wire();
        var released = DoneAfter(wire, Wire.IsUpdate);
        await _scenario.SendAsync("in");

        var listener = _scenario.Start(
            QueueScenario.Failing("bad"),
            QueueScenario.Settings with { VisibilityTimeout = TimeSpan.FromSeconds(77) },
            wire);
        await released;
        await listener.StopAsync();

        Assert.Contains(
            wire.Answered,
            r => r.StartsWith("PUT", StringComparison.Ordinal) && r.Contains("visibilitytimeout=77", StringComparison.Ordinal));
        Assert.Empty(await QueueScenario.PeekAsync(_scenario.Queue));
        Assert.Equal(1, await QueueScenario.CountAsync(_scenario.Queue));
    }

    [Fact]
    public async Task Run_DequeuedTooOftenOnArrival_MovesToPoisonWithoutAnInvocation()
    {
        await _scenario.SendAsync("deadly");
        QueueMessage taken = await _scenario.Queue.ReceiveMessageAsync();
        await _scenario.Queue.UpdateMessageAsync(taken.MessageId, taken.PopReceipt, visibilityTimeout: TimeSpan.Zero);
        var poisoned = _scenario.Log.NextAsync("is now in");

        var listener = _scenario.Start(QueueScenario.Failing("run"), QueueScenario.Settings with { MaxDequeueCount = 1 });
        await poisoned;
        await listener.StopAsync();

        Assert.Empty(_scenario.Log.Errors);
        Assert.Equal(["deadly"], await QueueScenario.PeekAsync(_scenario.Poison));
    }

    [Fact]
    public async Task Run_NotBase64_MovesToPoisonAsItIs()
    {
        var raw = _scenario.Client(_scenario.Queue.Name, QueueMessageEncoding.None);
        await raw.CreateAsync();
        await raw.SendMessageAsync("{not base64} & <ünïcode>");
        var poisoned = _scenario.Log.NextAsync("is now in");

        var listener = _scenario.Start(QueueScenario.Failing("run"));
        Assert.Contains("not in base64", await poisoned, StringComparison.Ordinal);
        await listener.StopAsync();

        Assert.Empty(_scenario.Log.Errors);
        Assert.Equal(
            ["{not base64} & <ünïcode>"],
            await QueueScenario.PeekAsync(_scenario.Client(_scenario.Poison.Name, QueueMessageEncoding.None)));
        Assert.Equal(0, await QueueScenario.CountAsync(_scenario.Queue));
    }

    [Fact]
    public async Task Run_EncodingNone_ReceivesAndReturnsTextAsItIs()
    {
        var raw = _scenario.Client(_scenario.Queue.Name, QueueMessageEncoding.None);
        await raw.CreateAsync();
        await raw.SendMessageAsync("plain & <ünïcode>");
        var wire = new Wire();
        var done = DoneAfter(wire, request => request.Method.Method == "DELETE");

        var listener = _scenario.Start(
            (message, _) => ValueTask.FromResult<IReadOnlyList<FunctionOutput>>(
                [new("results", Encoding.UTF8.GetString(message.Body.Span) + "!")]),
            QueueScenario.Settings with { MessageEncoding = QueueMessageEncoding.None },
            wire);
        await done;
        await listener.StopAsync();

        Assert.Equal(
            ["plain & <ünïcode>!"],
            await QueueScenario.PeekAsync(_scenario.Client(_scenario.Results.Name, QueueMessageEncoding.None)));
    }

    [Fact]
    public async Task Run_NoPoisonQueue_LeavesAFailedMessageToItsLease()
    {
        var poison = _scenario.Client(_scenario.Poison.Name, QueueMessageEncoding.None);
        await poison.CreateAsync();
        await poison.SendMessageAsync("YmFk");
        var runs = 0;
        var second = new TaskCompletionSource();

        var listener = _scenario.Start(
            (_, _) => Interlocked.Increment(ref runs) == 1 ? throw new InvalidOperationException("bad") : Second(),
            QueueScenario.Settings with { MaxDequeueCount = 1 },
            queue: poison,
            lease: QueueScenario.ShortLease);
        await second.Task.WaitAsync(QueueScenario.Patience);
        await listener.StopAsync();

        Assert.Equal(0, await QueueScenario.CountAsync(poison));

        ValueTask<IReadOnlyList<FunctionOutput>> Second()
        {
            second.SetResult();
            return ValueTask.FromResult<IReadOnlyList<FunctionOutput>>([]);
        }
    }

    [Fact]
    public async Task Run_Metadata_IsThatOfAHost()
    {
        await _scenario.SendAsync("täxt");
        var seen = new TaskCompletionSource<IReadOnlyDictionary<string, string>>();

        _scenario.Start((message, context) =>
        {
            Assert.NotSame(context.InstanceServices.GetRequiredService<Gate>(), new Gate());
            seen.SetResult(message.Metadata);
            return ValueTask.FromResult<IReadOnlyList<FunctionOutput>>([]);
        });
        var metadata = await seen.Task.WaitAsync(QueueScenario.Patience);

        Assert.Equal(
            ["Id", "DequeueCount", "PopReceipt", "InsertionTime", "ExpirationTime", "NextVisibleTime", "QueueTrigger"], metadata.Keys);
        Assert.Equal(("1", "täxt"), (metadata["dequeuecount"], metadata["QueueTrigger"]));
        Assert.NotEmpty(metadata["Id"]);
        Assert.NotEmpty(metadata["popReceipt"]);
        Assert.InRange(Time("ExpirationTime") - Time("InsertionTime"), TimeSpan.FromDays(6.9), TimeSpan.FromDays(7.1));
        Assert.InRange(Time("NextVisibleTime") - Time("InsertionTime"), TimeSpan.Zero, TimeSpan.FromHours(1));
        Assert.False(metadata.TryGetValue("Other", out _));

        DateTimeOffset Time(string name) => DateTimeOffset.Parse(metadata[name], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Run_QueueIsMissing_CreatesItAndReads()
    {
        var ran = new TaskCompletionSource();
        var reads = _scenario.Log.NextAsync("reads queue");

        _scenario.Start((_, _) =>
        {
            ran.SetResult();
            return Task.CompletedTask;
        });
        await reads;
        await _scenario.Queue.SendMessageAsync("in");

        await ran.Task.WaitAsync(QueueScenario.Patience);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _scenario.DisposeAsync();

    private static MessageFunction Returning(params string[] outputs) => (_, _) =>
        ValueTask.FromResult<IReadOnlyList<FunctionOutput>>([.. outputs.Select(o => new FunctionOutput("results", o))]);

    private static Task DoneAfter(Wire wire, Func<Azure.Core.Request, bool> which)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        wire.After = request =>
        {
            if (which(request))
                done.TrySetResult();
            return Task.CompletedTask;
        };
        return done.Task.WaitAsync(QueueScenario.Patience);
    }
}
