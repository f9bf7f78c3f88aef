using Functions.Worker.Hosting.Descriptors;
using Functions.Worker.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Worker.Tests.Hosting;

public sealed class FileDescriptorMonitorTests
{
    [Theory]
    [InlineData(false, "file descriptors that the process may open are in use. Raise the limit (ulimit -n")]
    [InlineData(true, "all file descriptors of the system are in use, in this process or in others. Raise the limit (sysctl fs.file-max)")]
    public async Task Wait_NoDescriptorIsFree_WarnsOfTheReachedLimit(bool isOfSystem, string warning)
    {
        var supply = isOfSystem ? DescriptorSupply.SystemLimitReached : DescriptorSupply.ProcessLimitReached;
        var log = new LogRecorder();
        using var loggers = new LoggerFactory([log]);
        using var sut =
            new FileDescriptorMonitor(() => supply, new FakeTimeProvider(), loggers.CreateLogger<FileDescriptorMonitor>());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sut.WaitAsync(new CancellationToken(canceled: true)).AsTask());
        supply = DescriptorSupply.Available;
        var exhausted = await sut.WaitAsync(CancellationToken.None);

        Assert.False(exhausted.IsCancellationRequested);
        var (level, text) = Assert.Single(log.Entries);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains(warning, text, StringComparison.Ordinal);
        Assert.DoesNotContain("null", text, StringComparison.Ordinal);
    }
}
