using Functions.Predictions;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Tests.Http;

/// <summary>Tests the rule for clients that read a response slowly, without a server.</summary>
public sealed class ReadingRateTests
{
    private readonly FakeTimeProvider _time = new();
    private long? _acknowledged = 1_000_000;
    private int _aborts;

    [Theory]
    [InlineData(0)]
    [InlineData(ReadingRate.BytesPerPeriod - 1)]
    public async Task Check_FewBytesAreRead_Aborts(int bytes)
    {
        await using var rate = Create();

        _time.Advance(ReadingRate.Period - TimeSpan.FromSeconds(1));
        _acknowledged += bytes;
        Assert.Equal(0, _aborts);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, _aborts);
    }

    [Fact]
    public async Task Check_EnoughBytesInEachPeriod_MayTakeHours()
    {
        await using var rate = Create();
        for (var period = 0; period < 1000; period++)
        {
            _acknowledged += ReadingRate.BytesPerPeriod;
            _time.Advance(ReadingRate.Period);
        }

        Assert.Equal(0, _aborts);
        _time.Advance(ReadingRate.Period);
        Assert.Equal(1, _aborts);
    }

    [Fact]
    public async Task Check_AfterTheWriteOrTheConnectionEnded_DoesNothing()
    {
        await using (Create())
        {
        }

        _time.Advance(ReadingRate.Period);
        await using var ended = Create();
        _acknowledged = null;
        _time.Advance(ReadingRate.Period);

        Assert.Equal(0, _aborts);
    }

    private ReadingRate Create() => new(() => _acknowledged, () => _aborts++, _time);
}
