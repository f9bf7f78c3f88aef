using System.Runtime.InteropServices;
using Functions.Worker.Hosting;
using Functions.Worker.Tests.Support;
using Inference.Testing;

namespace Functions.Worker.Tests.Hosting;

public sealed partial class SocketThreadsTests
{
    private const int BatchPolicy = 3;
    private const int ResetOnFork = 0x40000000;

    [LinuxFact("no other system has the policy.")]
    public async Task StartAsync_Linux_ThreadsThatWaitForSocketsStandBack()
    {
        await using var app = await TestApp.StartAsync();

        var threads = SocketThreads.Find().ToList();

        Assert.NotEmpty(threads);
        Assert.All(threads, thread => Assert.Equal(BatchPolicy | ResetOnFork, GetScheduler(thread)));
    }

    [LibraryImport("libc", EntryPoint = "sched_getscheduler")]
    private static partial int GetScheduler(int thread);
}
