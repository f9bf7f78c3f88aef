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
    /// <summary>
    /// The maximum size of a request body in bytes. The Functions host has the same limit.
    /// </summary>
    private const long MaxRequestBodySize = 104_857_600;

    private static readonly TimeSpan StandaloneShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the server may take to stop after the grace period of the running invocations. Five seconds after that period, the host
    /// ends the process.
    /// </summary>
    private static readonly TimeSpan HostShutdownTimeout = TimeSpan.FromSeconds(2);

    private readonly CommandLine _commandLine;
    private readonly IReadOnlyList<FunctionDescriptor> _functions;
    private readonly IReadOnlyList<string> _settingProblems;
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
        // The session is opened first, because the host waits for the worker's first message.
        if (_commandLine.Host is { } host && host.FindProblem() is null)
        {
            _session = new HostSession(host, functions, _trace);
            _session.WaitForSettings();
        }

        // An empty builder reads no settings, watches no files and registers no services of its own.
        _web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = appRoot });
        _settingProblems = AddSettings(appRoot);
        if (LogSetup.FindProblem(_web.Configuration) is { } levelProblem)
            _settingProblems = [.. _settingProblems, levelProblem];
        if (_session is null)
            LogSetup.AddConsoleTo(_web.Logging, _web.Configuration, _startup);
        else
            LogSetup.AddHostTo(_web.Logging, _web.Configuration, _startup, _session.Log);
        ConfigureServer();
        if (OperatingSystem.IsLinux())
            FileDescriptorServices.Add(_web.Services);
        _web.Services.AddRoutingCore();
        if (_session is null)
        {
            BrowserAccess.AddTo(_web.Services, _web.Configuration, _commandLine.AllowAnonymous);
            StandaloneServer.AddServices(_web.Services, functions, StandaloneShutdownTimeout);
        }

        _web.Services.Configure<HostOptions>(options =>
            options.ShutdownTimeout = _session is null ? StandaloneShutdownTimeout : HostShutdownTimeout);
    }

    private void ConfigureServer()
    {
        _web.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A Functions host has already checked the limit. The host may forward a body in more chunks than the client sent. Kestrel
            // would count the framing of these chunks as part of the body.
            kestrel.Limits.MaxRequestBodySize = _session is null ? MaxRequestBodySize : null;
        });
        _web.Services.Configure<SocketTransportOptions>(static sockets =>
        {
            // These options save a system call and a thread pool switch per request. They need 4 KB more per idle connection.
            sockets.WaitForDataBeforeAllocatingBuffer = false;
            sockets.IOQueueCount = 0;
        });
    }

    /// <summary>Handles signals until the host handles them; null in a process that handles signals elsewhere.</summary>
    internal EarlySignals? Signals { get; init; }

    /// <summary>The services that the app's functions can use. Add services before <see cref="Build"/>.</summary>
    public IServiceCollection Services => _web.Services;

    /// <summary>The settings of the app. Add sources before <see cref="Build"/>.</summary>
    public ConfigurationManager Configuration => _web.Configuration;

    /// <summary>The environment of the app. The content root is the folder of the executable.</summary>
    public IHostEnvironment Environment => _web.Environment;

    /// <summary>The providers and levels of the app's log.</summary>
    public ILoggingBuilder Logging => _web.Logging;

    /// <summary>
    /// Builds the host, which the caller runs and disposes. This method does not throw for invalid settings: the start of the host reports
    /// them, so that every failure is reported in one line.
    /// </summary>
    public IHost Build()
    {
        var app = BuildApp();
        Signals?.HandOver(app.Lifetime);
        var host = new WorkerHost(app, Configure, _startup, _session, _trace);
        _trace.Mark("host built");
        return host;
    }

    /// <summary>
    /// Builds the app. No host exists yet that could report a failure, so this method reports failures itself and ends the process.
    /// </summary>
    private WebApplication BuildApp()
    {
        try
        {
            // Without address space for threads, the runtime would abort the process before this code could report an error.
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
            var problems = SettingSources.AddHostedTo(_web.Configuration, appRoot);
            return host.FindProblem() is { } problem ? [problem, .. problems] : problems;
        }

        return SettingSources.AddTo(_web.Configuration, appRoot, Directory.GetCurrentDirectory(), _commandLine.Settings);
    }

    private Action Configure(WebApplication app)
    {
        if (_settingProblems.Count > 0)
            throw new StartupException(string.Join(' ', _settingProblems));

        return _session is null
            ? StandaloneServer.Configure(app, _functions, _commandLine.AllowAnonymous, _trace)
            : _session.Configure(app);
    }
}
