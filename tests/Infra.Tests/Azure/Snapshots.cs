namespace Infra.Tests.Azure;

/// <summary>The snapshots of all parameter files. The tests share them, because each takes a second or two.</summary>
public sealed class Snapshots : IAsyncLifetime
{
    /// <summary>The snapshot of main.bicepparam, with the deployer that azd sets in the environment.</summary>
    internal Snapshot Azd { get; private set; } = null!;

    internal Snapshot Dev { get; private set; } = null!;

    internal Snapshot Prod { get; private set; } = null!;

    internal IEnumerable<Snapshot> All => [Azd, Dev, Prod];

    public async Task InitializeAsync()
    {
        Azd = await Snapshot.TakeAsync("main.bicepparam");
        Dev = await Snapshot.TakeAsync("dev.bicepparam");
        Prod = await Snapshot.TakeAsync("prod.bicepparam");
    }

    public Task DisposeAsync() => Task.CompletedTask;
}
