using Azure.Storage.Queues;
using Functions.Worker.Hosting;
using Functions.Worker.Registry;
using Functions.Worker.Standalone;
using Functions.Worker.Standalone.Queues;
using Functions.Worker.Tests.Functions;
using Functions.Worker.Tests.Support;
using Inference.Testing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using TempFolder = Functions.Worker.Tests.Support.TempFolder;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>Tests the queue functions of an app, from the settings to the shutdown.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class QueueServiceTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private readonly QueueClientOptions _base64 = new() { MessageEncoding = QueueMessageEncoding.Base64 };

    [Fact]
    public async Task Start_StorageSet_ServesTheQueueBesideHttp()
    {
        var originals = new QueueClient(azurite.ConnectionString, "originals", _base64);
        var copies = new QueueClient(azurite.ConnectionString, "copies", _base64);
        await originals.CreateIfNotExistsAsync();
        await originals.SendMessageAsync("hello");
        await using var app = await StartAsync($"--AzureWebJobsStorage={azurite.ConnectionString}");
        await app.Log.NextAsync("Copied hello", includesEarlier: true);

        Assert.Equal("pong", await app.Client.GetStringAsync("/api/ping"));
        await app.StopAsync();

        Assert.Equal(["hello True 1"], await QueueScenario.PeekAsync(copies));
        Assert.Equal(0, await QueueScenario.CountAsync(originals));
        await originals.DeleteAsync();
        await copies.DeleteAsync();
    }

    [Fact]
    public async Task Start_StorageUnset_IsOffAndSaysSo()
    {
        await using var app = await StartAsync("--AzureWebJobsStorage=");

        Assert.Equal("pong", await app.Client.GetStringAsync("/api/ping"));
        var entry = Assert.Single(app.Log.Entries, e => e.Text.Contains("Copy", StringComparison.Ordinal));
        const string expected =
            "Function Copy is off, because its storage account is not set. Set AzureWebJobsStorage to turn the function on.";
        Assert.Equal((LogLevel.Information, expected), entry);
    }

    [Fact]
    public async Task Start_ConnectionCannotBeUsed_SaysSoAndServesHttp()
    {
        await using var app = await StartAsync("--AzureWebJobsStorage=nonsense");

        Assert.Equal("pong", await app.Client.GetStringAsync("/api/ping"));
        await app.StopAsync();
        Assert.StartsWith(
            "Function Copy is off: AzureWebJobsStorage is not a storage connection string.",
            Assert.Single(app.Log.Errors),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_SettingOutOfRange_RefusesInOneLine()
    {
        using var folder = new TempFolder();
        using var app = new AppProcess(folder, "--urls", "http://127.0.0.1:0", "--AzureFunctionsJobHost:extensions:queues:batchSize=33");

        var (code, _, errors) = await app.ExitAsync();

        Assert.Equal(
            (1, "Cannot start: AzureFunctionsJobHost__extensions__queues__batchSize is '33'; it must be a whole number from 1 to 32.\n"),
            (code, errors));
    }

    [Fact]
    public async Task Stop_GraceIsOver_CancelsAndReleases()
    {
        var queue = new QueueClient(azurite.ConnectionString, $"q{Guid.NewGuid():N}", _base64);
        await queue.CreateAsync();
        await queue.SendMessageAsync("in");
        var gate = new Gate();
        var time = new FakeTimeProvider();
        using var services = Services(time, ("AzureWebJobsStorage", azurite.ConnectionString), ("Queue", queue.Name));
        using var service = new QueueService(services, [Function("%Queue%", context => gate.PassAsync(context.CancellationToken))], Grace);
        await service.StartedAsync(CancellationToken.None);
        await gate.Entered.WaitAsync(QueueScenario.Patience);

        await service.StoppingAsync(CancellationToken.None);
        Assert.False(gate.Cancelled.IsCompleted);
        time.Advance(Grace);
        await service.StopAsync(CancellationToken.None).WaitAsync(QueueScenario.Patience);

        Assert.True(gate.Cancelled.IsCompleted);
        Assert.Equal(["in"], await QueueScenario.PeekAsync(queue));
        await queue.DeleteAsync();
    }

    [Fact]
    public async Task Stop_MessageInWork_WaitsForItsEnd()
    {
        var queue = new QueueClient(azurite.ConnectionString, $"q{Guid.NewGuid():N}", _base64);
        await queue.CreateAsync();
        await queue.SendMessageAsync("in");
        var gate = new Gate();
        using var services = Services(TimeProvider.System, ("AzureWebJobsStorage", azurite.ConnectionString), ("Queue", queue.Name));
        using var service = new QueueService(
            services, [Function("%Queue%", context => gate.PassAsync(context.CancellationToken))], QueueScenario.Patience);
        await service.StartedAsync(CancellationToken.None);
        await gate.Entered.WaitAsync(QueueScenario.Patience);

        await service.StoppingAsync(CancellationToken.None);
        var stopped = service.StopAsync(CancellationToken.None);
        Assert.False(stopped.IsCompleted);
        gate.Release();
        await stopped.WaitAsync(QueueScenario.Patience);

        Assert.Equal(0, await QueueScenario.CountAsync(queue));
        await queue.DeleteAsync();
    }

    [Fact]
    public void Create_QueueNameUnresolved_Refuses()
    {
        using var services = Services(TimeProvider.System, ("AzureWebJobsStorage", "UseDevelopmentStorage=true"));

        var error = Assert.Throws<StartupException>(
            () => new QueueService(services, [Function("%Missing:Queue%", _ => Task.CompletedTask)], Grace));

        Assert.Contains("Missing__Queue", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_ConnectionUnsetAndNameUnresolved_IsOff()
    {
        using var services = Services(TimeProvider.System);

        using var service = new QueueService(services, [Function("%Missing%", _ => Task.CompletedTask)], Grace);
    }

    private static FunctionDescriptor Function(string queue, Func<FunctionContext, Task> run) => new("id", "Test", "Tests.Test")
    {
        ScriptFile = "test.dll",
        RawBindings = [],
        Message = new MessageTrigger
        {
            Binding = "message",
            Queue = new QueueBinding("message", queue, "AzureWebJobsStorage"),
            Invoke = async (_, context) =>
            {
                await run(context);
                return [];
            },
        },
    };

    private static ServiceProvider Services(TimeProvider time, params (string Key, string Value)[] settings) => new ServiceCollection()
        .AddLogging()
        .AddSingleton(time)
        .AddSingleton(new HostJson("api", new Dictionary<string, string>()))
        .AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build())
        .BuildServiceProvider();

    private static Task<TestApp> StartAsync(params string[] args) => TestApp.StartAsync(new TempFolder(), FunctionRegistry.Functions, args);
}
