using Functions.Hosting.Configuration;
using Functions.Hosting.Telemetry;
using Functions.Jobs;
using Functions.Predictions;
using Functions.Queue;
using Inference;
using Inference.Azure.Predictions;
using Inference.Azure.Settings;
using Inference.Catalog;
using Inference.Catalog.Memory;
using Inference.Compute;
using Inference.Crash;
using Inference.Images;
using Inference.Models;
using Inference.Onnx;
using Inference.Onnx.Crash;
using Inference.Protocols.Predictions;
using Inference.Protocols.Text;
using Inference.Reload;
using Inference.Remote.Access;
using Inference.Repository;
using Inference.Repository.HuggingFace;
using Inference.Tensors;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StorageAccounts;

namespace Functions.Hosting;

/// <summary>The composition root: registers the services that the functions use.</summary>
internal static partial class InferenceServices
{
    /// <summary>Registers all services of the server.</summary>
    /// <param name="isTrial">
    /// Whether this process only tries to load and run one model version. Such a trial has no crash guard (<see cref="ModelGuard"/>),
    /// because the server that started the trial observes a crash of the trial.
    /// </param>
    public static void AddInference(this IServiceCollection services, IConfiguration configuration, bool isTrial)
    {
        OnnxModelRuntime.Preload();
        services.AddHostedService<ShutdownLimit>();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(ReadAndApplySettings);
        ConnectionLimits.AddTo(services);
        NoSniffHeader.AddTo(services);
        services.AddSingleton<IStartupFilter, BasePath>();
        services.AddSingleton(CreateStore);
        if (!isTrial)
            AddCrashGuard(services);
        AddEngine(services);
        services.AddSingleton<InferenceHandlers>();
        services.AddPredictions();
        AddGrpc(services, configuration);
        AddErrorFormats(services);
        // The Functions host limits a body to 104,857,600 bytes. Kestrel's own limit (by default 30,000,000 bytes) is turned off, because
        // this limit also counts the framing of chunks. The host may forward a body in more chunks than the client sent.
        if (TelemetrySources.IsUnderHost(configuration))
        {
            services.AddSingleton<LargeJsonAdvice>()
                .Configure<KestrelServerOptions>(static server => server.Limits.MaxRequestBodySize = null);
        }
        else
        {
            services.AddSingleton<IStartupFilter, HomePage>();
        }

        services.AddHostedService(provider => MemoryRelease.Create(provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<SettingCheck>();
        services.AddHostedService<StartupMessage>();
    }

    private static void AddEngine(IServiceCollection services)
    {
        services.AddSingleton(provider => new Governor(time: provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<TimeLimits>();
        services.AddSingleton(CreateRuntime);
        services.AddSingleton(CreateBudget);
        services.AddSingleton(CreateOpener);
        services.AddSingleton<ModelLoader>();
        services.AddSingleton<ModelCatalog>();
        services.AddSingleton<ModelTrial>();
        services.AddSingleton(CreateReloader);
        services.AddHostedService<ModelReloadService>();
        services.AddSingleton<EngineStatus>();
        // The history is created now and not when it is first read, because it counts only the errors after its creation.
        services.AddSingleton(new ErrorHistory(TimeProvider.System));
        services.AddSingleton<Liveness>();
        services.AddSingleton<Readiness>();
        services.AddSingleton(CreatePredictor);
    }

    /// <summary>Registers gRPC. Empty in a build without gRPC.</summary>
    static partial void AddGrpc(IServiceCollection services, IConfiguration configuration);

    /// <summary>Registers the format of the worker's own errors. Empty in a build with Microsoft's worker.</summary>
    static partial void AddErrorFormats(IServiceCollection services);

    private static Settings ReadAndApplySettings(IServiceProvider provider)
    {
        var settings = Settings.Read(provider.GetRequiredService<IConfiguration>());
        RequestMemory.SetLimit(settings.RequestMemoryBudget);
        CallerText.SetFolders(settings.ModelsSource, settings.CacheDirectory);
        return settings;
    }

    private static MemoryBudget CreateBudget(IServiceProvider provider) => new(
        provider.GetRequiredService<Settings>().MemoryBudget,
        // 90% of the machine's memory, or of the container's memory limit.
        GC.GetGCMemoryInfo().HighMemoryLoadThresholdBytes,
        () => Environment.WorkingSet,
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<MemoryBudget>>());

    private static Predictor CreatePredictor(IServiceProvider provider) => new(
        provider.GetRequiredService<ModelCatalog>(),
        provider.GetRequiredService<Governor>(),
        provider.GetRequiredService<TimeProvider>())
    {
        CompleteRequest = ImageReader.AddDecodingWork,
    };

    private static ModelOpener CreateOpener(IServiceProvider provider) => new(
        provider.GetRequiredService<IModelStore>(),
        provider.GetRequiredService<IModelRuntime>(),
        static (body, model) =>
        {
            var request = BodyFormat.Detect(body).Read(model);
            ImageReader.AddDecodingWork(request, model);
            return request;
        },
        provider.GetRequiredService<ILogger<ModelOpener>>())
    {
        Guard = provider.GetService<ModelGuard>(),
        ReadFolder = HuggingFaceFolder.Complete,
        ReadRequestFiles = TextTokenizer.EnsureLoaded,
    };

    private static void AddCrashGuard(IServiceCollection services)
    {
        services.AddSingleton(provider => new VersionRecords(
            provider.GetRequiredService<Settings>().CacheDirectory,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<VersionRecords>>()));
        services.AddSingleton(provider => new CrashJournal(
            provider.GetRequiredService<Settings>().CacheDirectory,
            provider.GetRequiredService<VersionRecords>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<CrashJournal>>()));
        services.AddSingleton(provider => new ModelGuard(
            provider.GetRequiredService<VersionRecords>(),
            provider.GetRequiredService<Settings>().Trial ? TrialCommand.StartAsync : null,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ModelGuard>>()));
    }

    private static ModelReloader CreateReloader(IServiceProvider provider) => new(
        provider.GetRequiredService<ModelCatalog>(),
        provider.GetRequiredService<IModelStore>(),
        provider.GetRequiredService<Settings>().ReloadInterval,
        provider.GetRequiredService<TimeProvider>());

    private static IModelRuntime CreateRuntime(IServiceProvider provider) => new ModelRuntimes(
        new OnnxModelRuntime(
            provider.GetRequiredService<Governor>(),
            provider.GetRequiredService<Settings>().CacheDirectory,
            provider.GetRequiredService<Settings>().ShareOptimized ? (ISharedFiles)provider.GetRequiredService<IModelStore>() : null,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<OnnxModelRuntime>>())
        {
            TrustScope = provider.GetRequiredService<Settings>().Trust.Scope,
            Journal = provider.GetService<CrashJournal>(),
            MemoryBudget = provider.GetRequiredService<MemoryBudget>(),
        },
        RemoteAccessReader.Read(provider.GetRequiredService<IConfiguration>()),
        provider.GetRequiredService<TimeProvider>());

    /// <summary>Registers the services of queue messages and jobs. The registration does not access the storage account.</summary>
    private static void AddPredictions(this IServiceCollection services)
    {
        services.AddSingleton(provider => StorageAccount.ForData(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton(provider => PredictionSettings.Read(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton<PredictionContainer>();
        services.AddSingleton<PredictionQueues>();
        services.AddSingleton<JobRecords>();
        services.AddSingleton<RunningJobs>();
        services.AddSingleton<RetryLimit>();
        services.AddSingleton<ResultMessages>();
        services.AddSingleton<RequestBlobs>();
        services.AddSingleton<PredictionRunner>();
        services.AddSingleton<StalledMessages>();
        services.AddSingleton<FailedMessages>();
        services.AddSingleton<QueuePredictor>();
        services.AddSingleton<InterruptedMessages>();
        services.AddSingleton<JobRequests>();
        services.AddSingleton<JobService>();
        services.AddHostedService<ResultSweep>();
    }

    private static IModelStore CreateStore(IServiceProvider provider)
    {
        var settings = provider.GetRequiredService<Settings>();
        if (!TelemetrySources.IsUnderHost(provider.GetRequiredService<IConfiguration>()))
            settings.ThrowIfSourceIsMissing();
        return BlobModelStoreFactory.Handles(settings.ModelsSource)
            ? BlobModelStoreFactory.Create(
                settings.ModelsSource,
                provider.GetRequiredService<IConfiguration>(),
                settings.CacheDirectory,
                settings.Trust,
                provider.GetRequiredService<TimeProvider>())
            : new DirectoryModelStore(settings.ModelsSource, settings.Trust, settings.CacheDirectory);
    }
}
