using System.Globalization;
using Functions.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Host;

/// <summary>
/// Sends the log entries of an invocation to the host. The host drops entries that belong to no running invocation. So this logger writes
/// such entries to the console, which the host reads, too.
/// </summary>
internal sealed class HostLogger(string category, HostStream stream) : ILogger
{
    private readonly bool _isSystem = category.StartsWith("Functions.Worker.", StringComparison.Ordinal);

    /// <summary>Returns true for every level except None, because the app's logging filters have already applied the levels.</summary>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;

        var text = formatter(state, exception);
        if (InvocationScope.InvocationId is { } invocationId)
            stream.SendLog(CreateEntry(invocationId, logLevel, eventId, text, exception));
        else
            HostConsole.Write($"{logLevel}: {category}: {text}{(exception is null ? "" : $" {exception}")}", _isSystem);
    }

    private RpcLog CreateEntry(string invocationId, LogLevel level, EventId eventId, string text, Exception? exception) => new()
    {
        InvocationId = invocationId,
        Category = category,
        // RpcLog.Level has the same numbers as LogLevel.
        Level = (RpcLog.Types.Level)level,
        Message = text,
        EventId = eventId.Name ?? eventId.Id.ToString(CultureInfo.InvariantCulture),
        Exception = exception is null ? null : StatusResults.Describe(exception, isUserException: !_isSystem),
        LogCategory = _isSystem ? RpcLog.Types.RpcLogCategory.System : RpcLog.Types.RpcLogCategory.User,
    };
}
