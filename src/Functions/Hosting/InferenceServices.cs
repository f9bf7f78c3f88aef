using Functions.Http;
using Inference.Azure;
using Inference.Models;
using Inference.Onnx;
using Inference.Serving;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Functions.Hosting;

/// <summary>The composition root: what the functions are given.</summary>
internal static class InferenceServices
{
    public static void AddInference(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = Settings.Read(configuration);
        services.AddSingleton(settings);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(_ => new Governor());
        services.AddSingleton<IModelRuntime>(provider => new OnnxModelRuntime(provider.GetRequiredService<Governor>()));
        services.AddSingleton(provider => CreateStore(settings, configuration, provider));
        services.AddSingleton(provider => new ModelCatalog(
            provider.GetRequiredService<IModelStore>(),
            provider.GetRequiredService<IModelRuntime>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ModelCatalog>>()));
        services.AddSingleton(provider => new Predictor(
            provider.GetRequiredService<ModelCatalog>(),
            provider.GetRequiredService<Governor>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Endpoint>();
        services.AddHostedService<Greeting>();
    }
}
