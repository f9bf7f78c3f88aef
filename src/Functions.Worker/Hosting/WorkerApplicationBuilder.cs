using Functions.Worker.Host;
using Functions.Worker.Hosting.Descriptors;
using Functions.Worker.Registry;
using Functions.Worker.Standalone;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Hosting;

/// <summary>Collects the app's services and settings, and builds the host that runs its functions.</summary>
public sealed class WorkerApplicationBuilder
{
    /// <summary>The Functions host's own limit, so that an upload meets the same one everywhere.</summary>
    private const long MaxRequestBodySize = 104_857_600;

    private static readonly TimeSpan StandaloneShutdown = TimeSpan.FromSeconds(30);

    /// <summary>After the running invocations had the host's grace period: it gives five seconds more, and then ends the process.</summary>
    private static readonly TimeSpan HostShutdown = TimeSpan.FromSeconds(2);

    private readonly CommandLine _commandLine;
    private readonly IReadOnlyList<FunctionDescriptor> _functions;
    private readonly IReadOnlyList<string> _problems;
    private readonly StartupPhase _startup = new();
    private readonly StartupTrace _trace;
    private readonly HostSession? _session;
    private readonly WebApplicationBuilder _web;

    internal WorkerApplicationBuilder(string[] args, string appRoot, IReadOnlyList<FunctionDescriptor> functions)
    {
        _commandLine = CommandLine.Parse(args);
        _functions = functions;
        _trace = new StartupTrace(_commandLine.TraceStartup);
        _trace.Mark("main entered");
        // Before all else: the host waits for the worker's first message, and the rest goes on meanwhile.
        if (_commandLine.Host is { } host && host.Problem() is null)
        {
            _session = new HostSession(host, functions, _trace);
            _session.WaitForSettings();
        }

        // Empty rather than slim: nothing is read, watched or registered that is not named below.
        _web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = appRoot });
        _problems = AddSettings(appRoot);
        if (LogSetup.FindProblem(_web.Configuration) is { } level)
            _problems = [.. _problems, level];
        if (_session is null)
            LogSetup.AddConsoleTo(_web.Logging, _web.Configuration, _startup);
        else
            LogSetup.AddHostTo(_web.Logging, _web.Configuration, _startup, _session.Log);
        ConfigureServer();
        if (OperatingSystem.IsLinux())
            DescriptorServices.Add(_web.Services);
        _web.Services.AddRoutingCore();
        if (_session is null)
        {
            BrowserAccess.AddTo(_web.Services, _web.Configuration, _commandLine.AllowAnonymous);
            StandaloneServer.AddServices(_web.Services, functions, StandaloneShutdown);
        }

        _web.Services.Configure<HostOptions>(options => options.ShutdownTimeout = _session is null ? StandaloneShutdown : HostShutdown);
    }

    private void ConfigureServer()
    {
        _web.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A host has limited what it forwards, perhaps in more chunks than it got, and the limit counts what frames them.
            kestrel.Limits.MaxRequestBodySize = _session is null ? MaxRequestBodySize : null;
        });
        _web.Services.Configure<SocketTransportOptions>(static sockets =>
        {
            // A call of the system and a turn of the thread pool less for each request; 4 KB more for each idle connection.
            sockets.WaitForDataBeforeAllocatingBuffer = false;
            sockets.IOQueueCount = 0;
        });
    }

    /// <summary>Handles signals until the host does. Null in a process that has other owners.</summary>
    internal EarlySignals? Signals { get; init; }

    public IServiceCollection Services => _web.Services;

    public ConfigurationManager Configuration => _web.Configuration;

    public IHostEnvironment Environment => _web.Environment;

    public ILoggingBuilder Logging => _web.Logging;

    /// <summary>
    /// Builds the host. It is configured when it starts, where every failure, also of the settings read so far, is reported in
    /// one line.
    /// </summary>
    public IHost Build()
    {
        var app = BuildApp();
        Signals?.HandOver(app.Lifetime);
        var host = new FunctionsHost(app, Configure, _startup, _session, _trace);
        _trace.Mark("host built");
        return host;
    }

    /// <summary>
    /// Reports here that there is no memory for the log's thread, or that a setting of the log cannot be used, because then there is no
    /// host that could.
    /// </summary>
    private WebApplication BuildApp()
    {
        try
        {
            // A process without room for threads does not fail where it could say so: the runtime aborts it.
            if (Signals is not null && ResourceLimits.IsAddressSpaceTooSmall)
                throw new InsufficientMemoryException();
            return _web.Build();
        }
        catch (Exception e) when (Signals is not null)
        {
            StartFailure.Write(StartFailure.Describe(e, static () => []).ReplaceLineEndings(" "));
            System.Environment.Exit(1);
            throw;
        }
    }

    private IReadOnlyList<string> AddSettings(string appRoot)
    {
        if (_commandLine.Host is { } host)
        {
            var problems = SettingSources.AddUnderHostTo(_web.Configuration, appRoot);
            return host.Problem() is { } problem ? [problem, .. problems] : problems;
        }

        return SettingSources.AddTo(_web.Configuration, appRoot, Directory.GetCurrentDirectory(), _commandLine.Settings);
    }

    private Action Configure(WebApplication app)
    {
        if (_problems.Count > 0)
            throw new StartupException(string.Join(' ', _problems));

        return _session is null
            ? StandaloneServer.Configure(app, _functions, _commandLine.AllowAnonymous, _trace)
            : _session.Configure(app);
    }
}
