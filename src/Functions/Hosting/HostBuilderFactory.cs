#if OFFICIAL_ENGINE
using Microsoft.Azure.Functions.Worker.Builder;
#else
using Functions.Worker.Hosting;
#endif

namespace Functions.Hosting;

/// <summary>
/// Creates the app's builder for one of two workers: Microsoft's worker, or this repository's own. The build property FunctionsWorker
/// selects the worker.
/// </summary>
internal static class HostBuilderFactory
{
#if OFFICIAL_ENGINE
    public static FunctionsApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = FunctionsApplication.CreateBuilder(args);
        builder.ConfigureFunctionsWebApplication();
        return builder;
    }
#else
    public static WorkerApplicationBuilder CreateBuilder(string[] args) => WorkerApplication.CreateBuilder(args);
#endif
}
