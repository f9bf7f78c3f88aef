using Functions.Worker.Hosting;
using Functions.Worker.Registry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Host;

/// <summary>
/// The life of a worker under a Functions host. It begins with the process, before there is an app: the host waits for the first
/// message while the app is built.
/// </summary>
internal sealed class HostSession
{
    /// <summary>For the host to ask how the start went, which it does once the stream is open.</summary>
    private static readonly TimeSpan InitPatience = TimeSpan.FromSeconds(10);

    private readonly HostStream _stream;
    private readonly IReadOnlyList<FunctionDescriptor> _functions;
    private readonly TaskCompletionSource<HostedApp> _app = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Invocations _invocations = new(TimeProvider.System);
    private readonly HostMessages _messages;
    private readonly Task _run;
    // Of a stop that is not the host's, such as Ctrl+C, and so names none: what the standalone server gives.
    private TimeSpan _grace = TimeSpan.FromSeconds(30);
    private volatile bool _isStopping;

    /// <summary>Opens the stream in the background.</summary>
    public HostSession(HostArguments host, IReadOnlyList<FunctionDescriptor> functions, StartupTrace trace)
    {
        _stream = new HostStream(host, trace);
        _functions = functions;
        _messages = new HostMessages(_stream, _app.Task, TerminateAsync, functions, _invocations, trace);
        _run = Task.Run(RunAsync);
    }

    public ILoggerProvider Log => new HostLoggerProvider(_stream);

    /// <summary>Makes the app a server for the host's requests, and nobody else's.</summary>
    public void Configure(WebApplication app)
    {
        var runner = HostServer.Configure(app, _functions);
        app.Lifetime.ApplicationStarted.Register(() => _app.TrySetResult(new(new(app.Urls.Single()), runner, app.Lifetime)));
    }

    /// <summary>Lets the host know why there is no app, and ends the stream.</summary>
    public async Task FailAsync(Exception reason)
    {
        _isStopping = true;
        _app.TrySetException(reason);
        await Task.WhenAny(_messages.InitAnswered, _run, Task.Delay(InitPatience, TimeProvider.System));
        await CloseAsync();
    }

    /// <summary>Takes no more invocations, and gives those that run the time they have left.</summary>
    public Task DrainAsync()
    {
        _isStopping = true;
        return _invocations.DrainAsync(_grace);
    }

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
            End("it has ended the stream.");
        }
        catch (Grpc.Core.RpcException e)
        {
            End(e.Status.Detail);
        }
        catch (Exception e)
        {
            End(e.Message);
        }
    }

    /// <summary>Without the host there is nothing to work for: the process ends, whatever state it is in.</summary>
    private void End(string reason)
    {
        var isRegular = _isStopping;
        if (!isRegular)
        {
            _isStopping = true;
            _grace = TimeSpan.Zero;
            Environment.ExitCode = 1;
            Console.Error.WriteLine($"The Functions host is gone: {reason.ReplaceLineEndings(" ")}");
        }

        _invocations.CancelAll();
        if (_app.TrySetCanceled())
            Environment.Exit(isRegular ? 0 : 1);
        if (_app.Task.IsCompletedSuccessfully)
            _app.Task.Result.Lifetime.StopApplication();
    }

    private async Task TerminateAsync(TimeSpan grace)
    {
        _isStopping = true;
        _grace = grace;
        _invocations.Stop();
        // A start that fails ends the process by itself.
        await ((Task)_app.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_app.Task.IsCompletedSuccessfully)
            _app.Task.Result.Lifetime.StopApplication();
    }
}
