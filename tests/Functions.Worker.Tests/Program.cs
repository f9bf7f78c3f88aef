using Functions.Worker.Tests.Functions;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddSingleton<Gate>();
if (builder.Configuration["Fail"] is not null)
    builder.Services.AddHostedService<FailingService>();
var host = builder.Build();
await host.RunAsync();
