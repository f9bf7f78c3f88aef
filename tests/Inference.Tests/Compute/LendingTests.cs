using Inference.Compute;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Compute;

/// <summary>The slots of endless runs are lent to other models.</summary>
public sealed class LendingTests : IDisposable
{
    private static readonly TimeSpan Run = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Queue<Grant> _granted = new();
    private readonly Governor _sut;
    private readonly Client _endless = new();
    private readonly Client _good = new();

    public LendingTests() => _sut = new Governor(slots: 2, (grant, _) => _granted.Enqueue(grant), _time);

    public void Dispose() => _sut.Dispose();

    [Fact]
    public void EndlessModelHoldsAllSlots_OtherModelRunsAfterASecondAndFromThenOnAtOnce()
    {
        Start(_endless, more: true);
        Start(_endless, more: true);
        _sut.Enqueue(_good);
        Assert.Empty(_granted);

        _time.Advance(Governor.LendAfter);

        End(Take(_good));
        _sut.Enqueue(_good);
        End(Take(_good));
        // The endless model has as many runs as there are slots, so it receives no more.
        Assert.Empty(_granted);
        Assert.Equal((2, 2), (_sut.FreeSlots, _sut.LentSlots));
    }

    [Fact]
    public void LongRunsEnd_TheirSlotsAreTheSameAsBefore()
    {
        var first = Start(_endless);
        var second = Start(_endless);
        _sut.Enqueue(_good);
        _time.Advance(Governor.LendAfter);
        var good = Take(_good);

        End(first);
        Assert.Equal((1, 1), (_sut.FreeSlots, _sut.LentSlots));
        var third = Start(_endless);
        Assert.Equal((0, 1), (_sut.FreeSlots, _sut.LentSlots));
        End(good);
        End(second);
        End(third);

        Assert.Equal((2, 0), (_sut.FreeSlots, _sut.LentSlots));
    }

    [Fact]
    public void OneModelWithLongRuns_LendsNoSlotToItself()
    {
        Start(_endless, more: true);
        Start(_endless, more: true);

        _time.Advance(10 * Governor.LendAfter);

        Assert.Equal((0, 0), (_sut.FreeSlots, _sut.LentSlots));
        Assert.Empty(_granted);
    }

    [Fact]
    public void RunsEndFromTimeToTime_NothingIsLent()
    {
        var run = Start(_endless, more: true);
        Start(_endless, more: true);
        _sut.Enqueue(_good);
        _time.Advance(Governor.LendAfter - Run);

        End(run);
        End(Take(_good));

        _time.Advance(Governor.LendAfter);
        Assert.Equal(0, _sut.LentSlots);
    }

    [Fact]
    public void TryEnter_RunsOfTheModelHaveLentAllSlots_TakesNoSlot()
    {
        Start(_endless);
        Start(_endless);
        _sut.Enqueue(_good);
        _time.Advance(Governor.LendAfter);
        End(Take(_good));

        Assert.Equal(0, _sut.TryEnter(_endless));
        Assert.Equal(1, _sut.TryEnter(_good));
    }

    private Grant Start(Client client, bool more = false)
    {
        _sut.Enqueue(client);
        var grant = Take(client);
        if (more)
            _sut.Enqueue(client);
        return grant;
    }

    private Grant Take(Client client)
    {
        var grant = _granted.Dequeue();
        Assert.Same(client, grant.Client);
        _sut.OnBatchFormed(client, hasMore: false);
        return grant;
    }

    private void End(Grant grant) => _sut.End(grant, Run);

    private sealed class Client : ComputeClient
    {
        public override ValueTask<TimeSpan?> RunNextAsync() => throw new NotSupportedException();
    }
}
