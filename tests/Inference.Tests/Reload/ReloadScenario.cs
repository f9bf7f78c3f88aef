using System.Collections.Concurrent;
using Inference.Catalog;
using Inference.Models;
using Inference.Models.Settings.Versions;
using Inference.Reload;
using Inference.Testing;
using Inference.Tests.Catalog;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Reload;

/// <summary>A store whose files change, a catalog, and the reloader that updates the catalog from the store.</summary>
public abstract class ReloadScenario : IAsyncLifetime
{
    private readonly LineLogger _logger = new();

    protected static ModelName Name { get; } = ModelName.Parse("digits");

    protected FakeModelStore Store { get; } = new();
    private protected TaggedRuntime Runtime { get; } = new();
    protected FakeTimeProvider Time { get; } = new();
    protected ModelCatalog Catalog { get; }
    protected ModelReloader Sut { get; }

    protected ReloadScenario()
    {
        Catalog = TestCatalog.Create(Store, Runtime, TestBudget.Unlimited(), Time, _logger);
        Sut = new ModelReloader(Catalog, Store, TimeSpan.FromSeconds(30), Time);
    }

    /// <summary>The log messages so far.</summary>
    protected IReadOnlyCollection<string> Logs => _logger.Lines;

    /// <summary>Called with each log message, on the thread that logs; null for no call.</summary>
    protected Action<string>? OnLog
    {
        get => _logger.OnLine;
        set => _logger.OnLine = value;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Sut.DisposeAsync();
        await Catalog.DisposeAsync();
        // A run may hold its session for a moment after it has returned its result.
        await Task.WhenAll(Runtime.Sessions.Select(session => session.Ended)).WaitAsync(WaitLimit.Step);
    }

    protected async Task PollTwiceAsync()
    {
        await Sut.PollAsync(CancellationToken.None);
        await Sut.PollAsync(CancellationToken.None);
    }

    protected Task<ModelLease> LeaseAsync() => Catalog.LeaseAsync(Name, default, CancellationToken.None).AsTask();

    protected async Task<long> LatestAsync()
    {
        using var lease = await LeaseAsync();
        return lease.Model.Id.Version;
    }

    protected async Task<long> LabelledAsync(string label)
    {
        using var lease = await Catalog.LeaseAsync(Name, new VersionSelector(new VersionRef(label)), CancellationToken.None);
        return lease.Model.Id.Version;
    }

    protected async Task<(ModelState State, string? Reason)> StateAsync(long version)
    {
        var statuses = await Catalog.ListAsync(Name, CancellationToken.None);
        var status = statuses.Single(status => status.Version.Id.Version == version);
        return (status.State, status.Reason);
    }

    private sealed class LineLogger : ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public Action<string>? OnLine { get; set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = formatter(state, exception);
            Lines.Enqueue(line);
            OnLine?.Invoke(line);
        }
    }
}
