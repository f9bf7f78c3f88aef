using Functions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Tests.Hosting;

public sealed class MemoryReleaseTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();
    private readonly SemaphoreSlim _looked = new(0);
    private long _abandoned;
    private int _collections;

    [Fact]
    public async Task Run_LargeMemoryAbandoned_CollectsOnceWhenQuiet()
    {
        using var release = new MemoryRelease(Look, () => _collections++, _time);
        await release.StartAsync(CancellationToken.None);
        await _looked.WaitAsync();

        Assert.Equal(0, await TickAsync(0));
        Assert.Equal(0, await TickAsync(10));
        Assert.Equal(0, await TickAsync(10));
        // In this tick, the service reads the number first and then collects.
        await TickAsync(0);
        Assert.Equal(1, await TickAsync(0));
        Assert.Equal(1, await TickAsync(0));

        await release.StopAsync(CancellationToken.None);
        Assert.True(release.ExecuteTask!.IsCompleted);
    }

    /// <returns>The number of collections so far. A collection in this tick may not be counted yet.</returns>
    private async Task<int> TickAsync(long more)
    {
        Interlocked.Add(ref _abandoned, more);
        _time.Advance(Interval);
        await _looked.WaitAsync();
        return _collections;
    }

    private long Look()
    {
        _looked.Release();
        return Interlocked.Read(ref _abandoned);
    }
}
