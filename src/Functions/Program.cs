using Functions.Hosting;
using Functions.Hosting.Telemetry;
using Functions.Poison;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var isPoisonVerb = PoisonVerb.IsAskedFor(args);
var builder = FunctionsApplication.CreateBuilder(isPoisonVerb ? [] : args);
DefaultSettings.AddTo(builder.Configuration);
if (isPoisonVerb)
{
    Environment.ExitCode = await PoisonVerb.RunAsync(args, builder.Configuration);
    return;
}

builder.ConfigureFunctionsWebApplication();
builder.Services.AddInference(builder.Configuration);
builder.Services.AddTelemetry(builder.Configuration);

await builder.Build().RunAsync();
