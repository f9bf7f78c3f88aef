using Functions.Worker.Hosting;
using Functions.Worker.Tests.Functions;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = WorkerApplication.CreateBuilder(args);
builder.Services.AddSingleton<Gate>();
if (builder.Configuration["Fail"] is not null)
    builder.Services.AddHostedService<FailingService>();
if (builder.Configuration["Listen"] is not null)
    builder.Services.Configure<KestrelServerOptions>(server => server.ListenAnyIP(0));
var host = builder.Build();
await host.RunAsync();
