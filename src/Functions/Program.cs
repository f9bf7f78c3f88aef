using Functions.Hosting;
using Functions.Hosting.Configuration;
using Functions.Hosting.Telemetry;
using Microsoft.Extensions.Hosting;

var trial = TrialCommand.BeginIfRequested(ref args);
if (trial is null && CommandLineCheck.Run(args) is { } code)
    return code;
var builder = HostBuilderFactory.CreateBuilder(args);
DefaultSettings.AddTo(builder.Configuration);
builder.Services.AddInference(builder.Configuration, trial is not null);
builder.Services.AddTelemetry(builder.Configuration);

var host = builder.Build();
if (trial is { } version)
    return await TrialCommand.RunAsync(host, version);
await host.RunAsync();
ProcessExit.ExitNow(Environment.ExitCode);
return Environment.ExitCode;
