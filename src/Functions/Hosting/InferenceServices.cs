using Functions.Http;
using Inference.Azure.Settings;
using Inference.Models;
using Inference.Onnx;
using Inference.Serving;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

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
        services.AddSingleton<IModelRuntime, OnnxModelRuntime>();
        services.AddSingleton<ModelCatalog>();
        services.AddSingleton<Predictor>();
        services.AddSingleton<Endpoint>();
        services.AddHostedService<Greeting>();
    }

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
