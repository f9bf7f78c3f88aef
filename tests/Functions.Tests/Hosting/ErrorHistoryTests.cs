using Functions.Hosting.Telemetry;
using Inference.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Tests.Hosting;

public sealed class ErrorHistoryTests
{
    /// <summary>A code that only this test uses, because other tests record errors at the same time.</summary>
    private readonly string _code = $"test-{Guid.NewGuid():N}";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    [Fact]
    public void LastHour_ErrorsOfAnHour_AreCountedAndThenForgotten()
    {
        using var history = new ErrorHistory(_time);
        InferenceMetrics.RecordError(_code);
        _time.Advance(TimeSpan.FromMinutes(30));
        InferenceMetrics.RecordError(_code);

        Assert.Equal(2, Count(history));
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(1, Count(history));
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(0, Count(history));
    }

    /// <summary>The entries of minutes are reused, so no count may remain after a pause of a day.</summary>
    [Fact]
    public void LastHour_AfterALongPause_HasNewErrorsAlone()
    {
        using var history = new ErrorHistory(_time);
        InferenceMetrics.RecordError(_code);
        _time.Advance(TimeSpan.FromDays(1));
        InferenceMetrics.RecordError(_code);

        Assert.Equal(1, Count(history));
    }

    private long Count(ErrorHistory history) => history.CountLastHour().SingleOrDefault(code => code.Code == _code).Count;
}
