using Functions.Worker.Host;
using Functions.Worker.Hosting;

namespace Functions.Worker.Tests.Host;

public sealed class HostStreamTests
{
    [Fact]
    public void SendLog_HostDoesNotRead_TakesNoMoreMemoryAndAnswersStillGo()
    {
        var sut = new HostStream(new HostArguments("http://127.0.0.1:1", "worker", "request"), new StartupTrace(writesToStderr: false));

        for (var entry = 0; entry < 2 * HostStream.LogDropThreshold; entry++)
            sut.SendLog(new() { Message = "entry" });
        sut.Send(new() { InvocationResponse = new() { InvocationId = "answered" } });

        Assert.Equal(HostStream.LogDropThreshold + 1, sut.PendingCount);
    }
}
