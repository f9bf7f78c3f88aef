using Inference.Catalog;
using Inference.Models;
using Inference.Models.Settings.Versions;
using Inference.Reload;
using Inference.Testing;
using Inference.Tests.Catalog;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Reload;

/// <summary>A store that changes, its catalog, and the reloader that keeps them in step.</summary>
public abstract class ReloadScenario : IAsyncLifetime
{
    protected static ModelName Name { get; } = ModelName.Parse("digits");

    protected FakeModelStore Store { get; } = new();
    private protected TaggedRuntime Runtime { get; } = new();
    protected FakeTimeProvider Time { get; } = new();
    protected ModelCatalog Catalog { get; }
    protected ModelReloader Sut { get; }

    protected ReloadScenario()
    {
        Catalog = TestCatalog.Create(Store, Runtime, TestBudget.Unlimited(), Time);
        Sut = new ModelReloader(Catalog, Store, TimeSpan.FromSeconds(30), Time);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Sut.DisposeAsync();
        await Catalog.DisposeAsync();
        // A run that has delivered its answer may hold its session for a moment more.
        await Task.WhenAll(Runtime.Sessions.Select(session => session.Ended)).WaitAsync(TimeSpan.FromSeconds(30));
    }

    protected async Task LookTwiceAsync()
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
}
