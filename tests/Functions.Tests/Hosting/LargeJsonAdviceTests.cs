using Functions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Tests.Hosting;

public sealed class LargeJsonAdviceTests : ILogger<LargeJsonAdvice>
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _lines = [];
    private readonly LargeJsonAdvice _advice;

    public LargeJsonAdviceTests() => _advice = new(_time, this);

    [Fact]
    public void Consider_AtTheLimit_SaysNothing()
    {
        _advice.Observe(LargeJsonAdvice.Limit);

        Assert.Empty(_lines);
    }

    [Fact]
    public void Consider_LargeBodies_SaysSoOnceAMinute()
    {
        _advice.Observe(LargeJsonAdvice.Limit + 1);
        _time.Advance(TimeSpan.FromSeconds(59));
        _advice.Observe(100 << 20);
        Assert.Contains("a JSON body of 16777217 bytes", Assert.Single(_lines), StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromSeconds(1));
        _advice.Observe(100 << 20);

        Assert.Equal(2, _lines.Count);
    }

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;
}
