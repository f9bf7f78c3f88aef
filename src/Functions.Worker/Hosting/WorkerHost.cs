using Functions.Worker.Host;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Hosting;

/// <summary>
/// Runs the app. A failed start writes one line to stderr and ends with exit code 1, so that Program.cs needs no error handling. If a
/// signal stops the process during the start, the exit code is 0.
/// </summary>
/// <param name="configure">
/// Configures the app. Returns an action that checks the app's addresses. This class calls the action when the app listens.
/// </param>
internal sealed partial class WorkerHost(
    WebApplication app, Func<WebApplication, Action> configure, StartupPhase startup, HostSession? session, StartupTrace trace)
    : IHost, IAsyncDisposable
{
    private bool _isStarted;

    public IServiceProvider Services => app.Services;

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            var check = configure(app);
            await app.StartAsync(cancellationToken);
            _isStarted = true;
            check();
            trace.Mark("listening");
            SocketThreads.LowerPriority();
        }
        catch (Exception e) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            StartCancelled(app.Logger, e);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            StartFailed(app.Logger, e);
            var reason = StartFailure.Describe(e, () => app.Urls).ReplaceLineEndings(" ");
            StartFailure.Write(reason);
            Environment.ExitCode = 1;
            if (session is not null)
                await session.FailAsync(new StartupException(reason, e));
            app.Lifetime.StopApplication();
        }
        finally
        {
            startup.End();
        }
    }

    /// <summary>
    /// Stops the host if its app has started. Otherwise the app may have no services yet, and stopping the app could throw. Such an app is
    /// only disposed.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!_isStarted)
            return;

        if (session is not null)
            await session.DrainAsync();
        await app.StopAsync(cancellationToken);
        if (session is not null)
            await session.CloseAsync();
    }

    public void Dispose() => ((IDisposable)app).Dispose();

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [LoggerMessage(LogLevel.Debug, "The start failed.")]
    private static partial void StartFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Debug, "The process was stopped during its start.")]
    private static partial void StartCancelled(ILogger logger, Exception exception);
}
