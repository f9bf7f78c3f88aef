using Inference.Catalog;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Catalog;

public sealed class LoadTurnsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LoadTurns _sut;

    public LoadTurnsTests() => _sut = new LoadTurns(_time);

    [Fact]
    public void TryTakeTurn_ALoadWaits_NoOtherLoadMayReserveMemoryBeforeIt()
    {
        var large = _sut.Enter();
        var small = _sut.Enter();

        Assert.Equal((true, false, false), (_sut.TryTakeTurn(large), _sut.TryTakeTurn(small), _sut.TryTakeTurn(null)));

        _sut.Leave(large);
        Assert.True(_sut.TryTakeTurn(small));
        _sut.Leave(small);
        Assert.True(_sut.TryTakeTurn(null));
    }

    [Fact]
    public void TryTakeTurn_TheTurnIsOver_TheNextLoadHasATurnAndThenTheFirstAgain()
    {
        var large = _sut.Enter();
        var small = _sut.Enter();

        _time.Advance(LoadTurns.MaxTurn);
        Assert.Equal((true, false), (_sut.TryTakeTurn(small), _sut.TryTakeTurn(large)));

        _time.Advance(LoadTurns.MaxTurn);
        Assert.Equal((true, false), (_sut.TryTakeTurn(large), _sut.TryTakeTurn(small)));
    }
}
