using Inference.Batching;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Batching;

public sealed class AdmissionTests
{
    private static readonly TimeSpan Run = TimeSpan.FromMilliseconds(5);

    private readonly FakeTimeProvider _time = new();

    /// <summary>Hosts freeze processes between requests and resume them later.</summary>
    [Fact]
    public void TryAdmit_AfterTheProcessWasSuspended_AdmitsAsBefore()
    {
        var sut = Drain();
        _time.Advance(TimeSpan.FromMinutes(1));
        sut.RecordRun(1, hasMore: true, Run);

        Assert.True(sut.TryAdmit(waitingRequests: 16, workAhead: 16, Run, out _));
    }

    [Fact]
    public void TryAdmit_AfterTheModelBecameSlow_RefusesRequestsThatWouldWaitTooLong()
    {
        var sut = Drain();
        for (var take = 0; take < 20; take++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            sut.RecordRun(1, hasMore: true, Run);
        }

        Assert.False(sut.TryAdmit(waitingRequests: 16, workAhead: 16, Run, out _));
    }

    /// <summary>
    /// Many requests may wait for a load. After the load, one request runs alone, or a full batch leaves a few requests behind.
    /// </summary>
    [Theory]
    [InlineData(32, 5)]
    [InlineData(1, 32)]
    public void TryAdmit_AfterBatchesOfUnequalSize_IsNoOverload(int first, int second)
    {
        var sut = new Admission(BatchPolicy.Default, _time);
        sut.RecordRun(first, hasMore: true, TimeSpan.Zero);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        sut.RecordRun(second, hasMore: true, TimeSpan.FromMilliseconds(5));

        Assert.True(sut.TryAdmit(waitingRequests: 64, workAhead: 64, TimeSpan.FromMilliseconds(50), out _));
        Assert.False(sut.TryAdmit(waitingRequests: 192, workAhead: 192, TimeSpan.FromMilliseconds(50), out _));
    }

    /// <summary>Cancelled requests never run, so it looks as if they waited until the next requests arrive.</summary>
    [Fact]
    public void TryAdmit_AfterTheWaitingCallersCancelled_IsNoOverload()
    {
        var sut = Drain();
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(sut.TryAdmit(waitingRequests: 0, workAhead: 0, Run, out _));
        sut.RecordRun(1, hasMore: true, Run);

        Assert.True(sut.TryAdmit(waitingRequests: 15, workAhead: 15, Run, out _));
    }

    /// <summary>Callers who retry at once prolong an overload, in which no request waits long enough for a measurement.</summary>
    [Fact]
    public void TryAdmit_SlowMeasurementIsTooOld_AdmitsABurstAgain()
    {
        var sut = Drain();
        for (var take = 0; take < 20; take++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            sut.RecordRun(1, hasMore: true, Run);
        }

        Assert.False(sut.TryAdmit(waitingRequests: 63, workAhead: 63, Run, out _));
        var refused = 0;
        for (var tries = 0; tries < 1001; tries++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            refused += sut.TryAdmit(waitingRequests: 1, workAhead: 1, Run, out _) ? 0 : 1;
        }

        Assert.InRange(refused, 900, 1000);
        Assert.True(sut.TryAdmit(waitingRequests: 63, workAhead: 63, Run, out _));
    }

    private Admission Drain()
    {
        var sut = new Admission(BatchPolicy.Default, _time);
        for (var take = 0; take < 50; take++)
        {
            _time.Advance(Run);
            sut.RecordRun(1, hasMore: true, Run);
        }

        return sut;
    }
}
