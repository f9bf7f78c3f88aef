using System.Net.Sockets;
using Functions.Worker.Host;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Hosting;

/// <summary>
/// Runs the app. A start that fails ends as an app that was stopped at once: one line on stderr and exit code 1, so that a
/// Program needs no handling of its own.
/// </summary>
internal sealed partial class FunctionsHost(
    WebApplication app, Action<WebApplication> configure, StartupPhase startup, HostSession? session, StartupTrace trace)
    : IHost, IAsyncDisposable
{
    private bool _failed;

    public IServiceProvider Services => app.Services;

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            configure(app);
            await app.StartAsync(cancellationToken);
            trace.Mark("listening");
            SocketThreads.StandBack();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            StartFailed(app.Logger, e);
            var reason = Describe(e).ReplaceLineEndings(" ");
            await Console.Error.WriteLineAsync($"Cannot start: {reason}");
            Environment.ExitCode = 1;
            _failed = true;
            if (session is not null)
                await session.FailAsync(new StartupException(reason, e));
            app.Lifetime.StopApplication();
        }
        finally
        {
            startup.End();
        }
    }

    /// <summary>A host that could not even make its services throws when it is told to stop them: disposing it is enough.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (_failed)
            return;

        if (session is not null)
            await session.DrainAsync();
        await app.StopAsync(cancellationToken);
        if (session is not null)
            await session.CloseAsync();
    }

    public void Dispose() => ((IDisposable)app).Dispose();

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private string Describe(Exception exception) => exception switch
    {
        AggregateException several => string.Join(" ", several.InnerExceptions.Select(Describe)),
        // Says neither where nor what; the server's other exceptions do.
        SocketException => app.Urls.Count > 0 ? $"Cannot listen on {string.Join(", ", app.Urls)}: {exception.Message}." : $"Cannot listen on --urls and --grpc-urls: {exception.Message}.",
        _ => exception.Message,
    };

    [LoggerMessage(LogLevel.Debug, "The start failed.")]
    private static partial void StartFailed(ILogger logger, Exception exception);
}
