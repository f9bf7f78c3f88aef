using Functions.Worker.Standalone.Queues;

namespace Functions.Worker.Tests.Standalone.Queues;

public sealed class PollingDelayTests
{
    /// <summary>
    /// The sixth wait is the maximum in 3 percent of the cases. A seventh wait with a smaller random part must not be shorter.
    /// </summary>
    [Fact]
    public void Next_AtAnyTime_IsNotShorterThanBefore()
    {
        for (var i = 0; i < 1_000; i++)
        {
            var sut = new PollingDelay(TimeSpan.FromSeconds(2));
            TimeSpan[] waits = [.. Enumerable.Range(0, 10).Select(_ => sut.Next())];

            Assert.Equal(waits.Order(), waits);
            Assert.Equal(TimeSpan.FromSeconds(2), waits[^1]);

            sut.Reset();
            Assert.Equal(PollingDelay.Minimum, sut.Next());
        }
    }
}
