using Inference.Batching;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Batching;

public sealed class AdmissionTests
{
    private static readonly TimeSpan Run = TimeSpan.FromMilliseconds(5);

    private readonly FakeTimeProvider _time = new();

    /// <summary>Hosts freeze processes between requests, and let them go on later.</summary>
    [Fact]
    public void Refuse_AfterTheProcessStoodStillWhileRequestsWaited_IsAsBefore()
    {
        var sut = Drain();
        _time.Advance(TimeSpan.FromMinutes(1));
        sut.Took(1, more: true, Run);

        Assert.Null(sut.Refuse(requests: 16, items: 16, Run));
    }

    [Fact]
    public void Refuse_AfterTheModelBecameSlow_RefusesWhatWouldWaitTooLong()
    {
        var sut = Drain();
        for (var take = 0; take < 20; take++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            sut.Took(1, more: true, Run);
        }

        Assert.NotNull(sut.Refuse(requests: 16, items: 16, Run));
    }

    private Admission Drain()
    {
        var sut = new Admission(BatchPolicy.Default, _time);
        for (var take = 0; take < 50; take++)
        {
            _time.Advance(Run);
            sut.Took(1, more: true, Run);
        }

        return sut;
    }
}
