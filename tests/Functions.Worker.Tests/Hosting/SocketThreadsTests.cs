using System.Runtime.InteropServices;
using Functions.Worker.Hosting;
using Functions.Worker.Tests.Support;

namespace Functions.Worker.Tests.Hosting;

public sealed partial class SocketThreadsTests
{
    private const int BatchPolicy = 3;
    private const int ResetOnFork = 0x40000000;

    [Fact]
    public async Task StartAsync_Linux_ThreadsThatWaitForSocketsStandBack()
    {
        // No other system has the policy.
        if (!OperatingSystem.IsLinux())
            return;
        await using var app = await TestApp.StartAsync();

        var threads = SocketThreads.Find().ToList();

        Assert.NotEmpty(threads);
        Assert.All(threads, thread => Assert.Equal(BatchPolicy | ResetOnFork, GetScheduler(thread)));
    }

    [LibraryImport("libc", EntryPoint = "sched_getscheduler")]
    private static partial int GetScheduler(int thread);
}
