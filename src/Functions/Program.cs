using Functions.Hosting;
using Functions.Hosting.Telemetry;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
DefaultSettings.AddTo(builder.Configuration);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddInference(builder.Configuration);
builder.Services.AddTelemetry(builder.Configuration);

await builder.Build().RunAsync();
