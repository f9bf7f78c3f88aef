using Functions.Hosting.Configuration;
using Functions.Hosting.Telemetry;
using Inference.Models;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Functions.Hosting;

/// <summary>Prints the server's address and a first request to try. Prints nothing when another program reads the output.</summary>
internal sealed class StartupMessage(
    IServiceProvider services, IHostApplicationLifetime lifetime, Settings settings, IModelStore store, IConfiguration configuration)
    : IHostedService
{
    // The first test image of models/recipes/digits-test.csv, which shows a 7.
    private const string Digit =
        "0,0,2,13,16,9,0,0,0,0,12,12,7,16,3,0,0,1,14,3,0,16,4,0,0,0,0,4,10,16,6,0,"
        + "0,0,0,13,16,16,9,0,0,0,0,5,13,1,0,0,0,0,0,11,9,0,0,0,0,0,1,16,4,0,0,0";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Print);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Print()
    {
        var address = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        // Nothing is printed under a Functions host. Nothing is printed into a log in JSON either, because the program that reads the log
        // expects only JSON.
        if (address is null || TelemetrySources.IsUnderHost(configuration) || configuration["Logging:Console:FormatterName"] == "json")
            return;
        var key = configuration["Keys:Function"] is { Length: > 0 } ? " -H \"x-functions-key: $KEY\"" : "";
        Console.WriteLine($"""

            Serving the models of {store} on {address}

            Open it in a browser, or try:
              curl{key} {address}/models
            """);
        if (settings.ModelsSource == Settings.EmbeddedModels)
        {
            Console.WriteLine(
                $"  curl{key} -H 'Content-Type: application/json' {address}/models/digits/predict -d '{{\"features\":[{Digit}]}}'");
        }

        Console.WriteLine();
    }
}
