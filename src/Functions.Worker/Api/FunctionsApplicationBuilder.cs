using Functions.Worker.Hosting;
using Functions.Worker.Registry;
using Functions.Worker.Standalone;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Collects the app's services and settings, and builds the host that runs its functions.</summary>
public sealed class FunctionsApplicationBuilder
{
    /// <summary>The Functions host's own limit, so that an upload meets the same one everywhere.</summary>
    private const long MaxRequestBodySize = 104_857_600;

    private readonly CommandLine _commandLine;
    private readonly IReadOnlyList<FunctionDescriptor> _functions;
    private readonly IReadOnlyList<string> _problems;
    private readonly StartupPhase _startup = new();
    private readonly WebApplicationBuilder _web;

    internal FunctionsApplicationBuilder(string[] args, string appRoot, IReadOnlyList<FunctionDescriptor> functions)
    {
        _commandLine = CommandLine.Parse(args);
        _functions = functions;
        // Empty rather than slim: nothing is read, watched or registered that is not named below.
        _web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = appRoot });
        _problems = SettingSources.AddTo(_web.Configuration, appRoot, Directory.GetCurrentDirectory(), _commandLine.Settings);
        ConsoleLogging.AddTo(_web.Logging, _web.Configuration, _startup);
        _web.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBodySize;
        });
        _web.Services.AddRoutingCore();
        _web.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
    }

    public IServiceCollection Services => _web.Services;

    public ConfigurationManager Configuration => _web.Configuration;

    public IHostEnvironment Environment => _web.Environment;

    public ILoggingBuilder Logging => _web.Logging;

    /// <summary>
    /// Builds the host. It is configured when it starts, where every failure, also of the settings read so far, is reported in
    /// one line.
    /// </summary>
    public IHost Build() => new FunctionsHost(_web.Build(), Configure, _startup);

    private void Configure(WebApplication app)
    {
        if (_problems.Count > 0)
            throw new StartupException(string.Join(' ', _problems));
        if (_commandLine.HasFunctionsHost)
            throw new StartupException("Running under a Functions host (--functions-uri) is not in this version; start without it.");

        StandaloneServer.Configure(app, _functions, _commandLine.AllowAnonymous);
    }
}
