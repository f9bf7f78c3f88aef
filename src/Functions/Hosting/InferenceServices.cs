using Functions.Http;
using Inference.Azure.Settings;
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
    public static void AddInference(this IServiceCollection services)
    {
        OnnxModelRuntime.Preload();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => Settings.Read(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton(CreateStore);
        services.AddSingleton(_ => new Governor());
        services.AddSingleton(CreateRuntime);
        services.AddSingleton<ModelCatalog>();
        services.AddSingleton<Predictor>();
        services.AddSingleton<Endpoint>();
        services.AddHostedService<Greeting>();
    }

    private static IModelRuntime CreateRuntime(IServiceProvider provider) => new OnnxModelRuntime(
        provider.GetRequiredService<Governor>(),
        provider.GetRequiredService<Settings>().CacheDirectory,
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<OnnxModelRuntime>>());

    private static IModelStore CreateStore(IServiceProvider provider)
    {
        var settings = provider.GetRequiredService<Settings>();
        return BlobModelStoreFactory.Handles(settings.ModelsSource)
            ? BlobModelStoreFactory.Create(
                settings.ModelsSource,
                provider.GetRequiredService<IConfiguration>(),
                settings.CacheDirectory,
                provider.GetRequiredService<TimeProvider>())
            : new DirectoryModelStore(settings.ModelsSource);
    }
}
