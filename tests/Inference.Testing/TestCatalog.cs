using Inference.Catalog;
using Inference.Catalog.Memory;
using Inference.Compute;
using Inference.Models;
using Inference.Requests;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Testing;

/// <summary>Creates catalogs with the same parts as in the app.</summary>
public static class TestCatalog
{
    /// <param name="budget">The memory budget; null for an unlimited budget.</param>
    /// <param name="time">The clock; null for the system's clock.</param>
    /// <param name="logger">Receives all log messages; null discards them.</param>
    public static ModelCatalog Create(
        IModelStore store,
        IModelRuntime runtime,
        MemoryBudget? budget = null,
        TimeProvider? time = null,
        ILogger? logger = null,
        RequestReader? readSample = null)
    {
        using var loggers = new SingleLoggerFactory(logger ?? NullLogger.Instance);
        var opener = new ModelOpener(store, runtime, readSample, loggers.CreateLogger<ModelOpener>());
        var limits = new TimeLimits(time ?? TimeProvider.System, loggers.CreateLogger<TimeLimits>());
        var loader = new ModelLoader(store, opener, budget ?? TestBudget.Unlimited(), limits, loggers.CreateLogger<ModelLoader>());
        return new ModelCatalog(store, loader, loggers.CreateLogger<ModelCatalog>());
    }

    private sealed class SingleLoggerFactory(ILogger logger) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
