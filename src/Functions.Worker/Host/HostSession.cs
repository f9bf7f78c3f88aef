using Functions.Worker.Hosting;
using Functions.Worker.Registry;
using Functions.Worker.Standalone;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Host;

/// <summary>
/// The connection of a worker to its Functions host. It begins with the process, before there is an app: the host waits for the first
/// message while the app is built.
/// </summary>
internal sealed class HostSession
{
    /// <summary>For the host to ask how the start went, which it does once the stream is open.</summary>
    private static readonly TimeSpan InitPatience = TimeSpan.FromSeconds(10);

    private readonly HostStream _stream;
    private readonly IReadOnlyList<FunctionDescriptor> _functions;
    private readonly Invocations _invocations = new(TimeProvider.System);
    private readonly WorkerLifetime _lifetime;
    private readonly HostMessages _messages;
    private readonly Task _run;

    /// <summary>Opens the stream in the background.</summary>
    public HostSession(HostArguments host, IReadOnlyList<FunctionDescriptor> functions, StartupTrace trace)
    {
        _stream = new HostStream(host, trace);
        _functions = functions;
        _lifetime = new WorkerLifetime(_invocations);
        _messages = new HostMessages(_stream, _lifetime, functions, _invocations, trace);
        _run = Task.Run(RunAsync);
    }

    /// <summary>Blocks while this worker is a placeholder.</summary>
    public void WaitForSettings() => _lifetime.Placeholder.WaitForSettings();

    public ILoggerProvider Log => new HostLoggerProvider(_stream);

    /// <summary>Makes the app a server for the host's requests, and nobody else's.</summary>
    /// <returns>Checks, once the app listens, that only this machine reaches it.</returns>
    public Action Configure(WebApplication app)
    {
        var runner = HostServer.Configure(app, _functions);
        app.Lifetime.ApplicationStarted.Register(() => _lifetime.ReportStarted(new(new(app.Urls.Single()), runner, app.Lifetime)));
        return () => ListenAddresses.ThrowIfReachable(app.Urls);
    }

    /// <summary>Lets the host know why there is no app, and ends the stream.</summary>
    public async Task FailAsync(Exception reason)
    {
        _lifetime.ReportStartFailure(reason);
        await Task.WhenAny(_messages.StartAnswered, _run, Task.Delay(InitPatience, TimeProvider.System));
        await CloseAsync();
    }

    /// <summary>Takes no more invocations, and gives those that run the time they have left.</summary>
    public Task DrainAsync() => _lifetime.DrainAsync();

    /// <summary>Ends the stream after everything that was said, and what those say whom only the server's stop has reached.</summary>
    public async Task CloseAsync()
    {
        await _invocations.DrainAsync(TimeSpan.Zero);
        await _stream.CloseAsync();
        await _run;
    }

    private async Task RunAsync()
    {
        try
        {
            await _stream.RunAsync(_messages.Receive);
            _lifetime.EndWithoutHost("it has ended the stream.");
        }
        catch (Grpc.Core.RpcException e)
        {
            _lifetime.EndWithoutHost(e.Status.Detail);
        }
        catch (Exception e)
        {
            _lifetime.EndWithoutHost(e.Message);
        }
    }
}
