using Functions.Worker.Hosting;
using Functions.Worker.Registry;
using Functions.Worker.Standalone;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Host;

/// <summary>
/// The connection of a worker to its Functions host. The worker opens the connection before it builds the app, because the host waits for
/// the first message.
/// </summary>
internal sealed class HostSession
{
    /// <summary>
    /// How long a failed start waits for the host's init request. The reply to this request contains the reason for the failure.
    /// </summary>
    private static readonly TimeSpan InitTimeout = TimeSpan.FromSeconds(10);

    private readonly HostStream _stream;
    private readonly IReadOnlyList<FunctionDescriptor> _functions;
    private readonly Invocations _invocations = new(TimeProvider.System);
    private readonly WorkerLifetime _lifetime;
    private readonly HostMessages _messages;
    private readonly Task _streamTask;

    /// <summary>Opens the stream in the background.</summary>
    public HostSession(HostArguments host, IReadOnlyList<FunctionDescriptor> functions, StartupTrace trace)
    {
        _stream = new HostStream(host, trace);
        _functions = functions;
        _lifetime = new WorkerLifetime(_invocations);
        _messages = new HostMessages(_stream, _lifetime, functions, _invocations, trace);
        _streamTask = Task.Run(RunAsync);
    }

    /// <summary>
    /// Blocks a worker that was started without the app's settings (a placeholder), until the host has sent the settings.
    /// </summary>
    public void WaitForSettings() => _lifetime.Placeholder.WaitForSettings();

    /// <summary>Creates the log that sends entries to the host.</summary>
    public ILoggerProvider Log => new HostLoggerProvider(_stream);

    /// <summary>Configures the app to serve the host's requests and no others.</summary>
    /// <returns>An action to call when the app listens. The action throws if other machines can reach the app.</returns>
    public Action Configure(WebApplication app)
    {
        var runner = HostServer.Configure(app, _functions);
        app.Lifetime.ApplicationStarted.Register(() => _lifetime.ReportStarted(new(new(app.Urls.Single()), runner, app.Lifetime)));
        return () => ListenAddresses.ThrowIfNotLoopbackUnderHost(app.Urls);
    }

    /// <summary>Reports to the host why the app did not start, and ends the stream.</summary>
    public async Task FailAsync(Exception reason)
    {
        _lifetime.ReportStartFailure(reason);
        await Task.WhenAny(_messages.StartReported, _streamTask, Task.Delay(InitTimeout, TimeProvider.System));
        await CloseAsync();
    }

    /// <summary>Accepts no more invocations, and waits for the running ones until their grace period ends.</summary>
    public Task DrainAsync() => _lifetime.DrainAsync();

    /// <summary>
    /// Cancels the invocations that still run, and waits briefly for their responses. Then ends the stream, after all queued messages.
    /// </summary>
    public async Task CloseAsync()
    {
        await _invocations.DrainAsync(TimeSpan.Zero);
        await _stream.CloseAsync();
        await _streamTask;
    }

    private async Task RunAsync()
    {
        try
        {
            await _stream.RunAsync(_messages.Receive);
            _lifetime.EndWithoutHost("the host has ended the stream.");
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
