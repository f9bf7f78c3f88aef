using Inference.Testing;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Tests.Support;

/// <summary>Records log entries, each with its level and message.</summary>
public sealed class LogRecorder : ILoggerProvider, ILogger
{
    private readonly Lock _lock = new();
    private readonly List<(LogLevel Level, string Text)> _entries = [];
    private readonly List<(string Part, TaskCompletionSource<string> Found)> _awaited = [];

    public IEnumerable<string> Errors => Entries.Where(e => e.Level >= LogLevel.Error).Select(e => e.Text);

    public IReadOnlyList<(LogLevel Level, string Text)> Entries
    {
        get
        {
            lock (_lock)
                return [.. _entries];
        }
    }

    /// <summary>Waits for the next entry that contains the text.</summary>
    /// <param name="includesEarlier">Whether an entry that was already logged counts.</param>
    public Task<string> NextAsync(string part, bool includesEarlier = false)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (includesEarlier && _entries.Find(e => e.Text.Contains(part, StringComparison.Ordinal)).Text is { } text)
                found.SetResult(text);
            else
                _awaited.Add((part, found));
        }

        return found.Task.WaitAsync(WaitLimit.Step);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = formatter(state, exception);
        lock (_lock)
        {
            _entries.Add((logLevel, text));
            foreach (var (part, found) in _awaited)
            {
                if (text.Contains(part, StringComparison.Ordinal))
                    found.TrySetResult(text);
            }
        }
    }

    public void Dispose()
    {
    }
}
