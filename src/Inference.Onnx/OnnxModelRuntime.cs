using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx.Cache;
using Inference.Onnx.Preparation;
using Inference.Serving;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// Runs ONNX models in this process, on the thread that starts the run. Some seconds after a model's first load its optimized graph and
/// the plan that suits it are worked out in the background and kept for later starts.
/// </summary>
public sealed class OnnxModelRuntime : IModelRuntime
{
    /// <summary>Quicker loads are left as they are: a graph is read whole to check it, and is a file more on the disk.</summary>
    private static readonly TimeSpan SlowLoad = TimeSpan.FromMilliseconds(20);

    private readonly GraphCache _cache;
    private readonly ModelPreparation _preparation;
    private readonly TimeProvider _time;

    /// <param name="cacheDirectory">
    /// Created when it is missing. Only this user may be able to write to it; else models load without it, with one warning.
    /// </param>
    public OnnxModelRuntime(Governor governor, string cacheDirectory, TimeProvider time, ILogger<OnnxModelRuntime> logger)
    {
        _cache = new GraphCache(cacheDirectory, time, logger);
        _preparation = new ModelPreparation(_cache, governor, time, logger);
        _time = time;
    }

    /// <summary>A plain load that takes this long is worth an optimized graph.</summary>
    internal TimeSpan GraphPaysFrom { get; init; } = SlowLoad;

    /// <summary>
    /// Begins, in the background, what the first load would otherwise wait for: the system's loader takes longest on the native
    /// library. A failure is kept, and is the reason why models do not load.
    /// </summary>
    public static void Preload() => _ = Task.Run(OnnxEnvironment.EnsureCreated);

    public Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ExecutionSettings settings, CancellationToken cancellationToken) =>
        // A thread of its own: a load computes for as long as it takes, and the pool has requests to serve.
        Task.Factory.StartNew<IModelSession>(
            () => Load(id, files.ModelPath, settings, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private OnnxSession Load(ModelId id, string path, ExecutionSettings settings, CancellationToken cancellationToken)
    {
        OnnxEnvironment.EnsureCreated();
        var identity = _cache.Identify(path);
        var known = identity is null ? null : _cache.FindByFile(identity);
        var graph = known?.GraphHash is null ? null : OpenGraph(known, settings, cancellationToken);
        if (graph is not null)
            return Serve(id, path, settings, graph, identity, known, graphPays: false);

        var started = _time.GetTimestamp();
        var plain = OpenPlain(id, path, settings, cancellationToken);
        var graphPays = _time.GetElapsedTime(started) >= GraphPaysFrom;
        // A graph that was known but could not be opened is to be made again.
        return Serve(id, path, settings, plain, identity, known?.GraphHash is null ? known : null, graphPays);
    }

    private OnnxSession Serve(
        ModelId id, string path, ExecutionSettings settings, InferenceSession native, string? identity, CacheEntry? known, bool graphPays)
    {
        OnnxSession session;
        try
        {
            session = new OnnxSession(native, OnnxSignature.Read(id, native), settings.Threads ?? ExecutionPlan.Default.Threads);
        }
        catch
        {
            native.Dispose();
            throw;
        }

        if (known?.Plan is { } plan)
            session.Plan = plan;
        else
            session.Begin(stop => _preparation.RunAsync(id, path, identity, known, graphPays, session, stop));
        return session;
    }

    private InferenceSession? OpenGraph(CacheEntry known, ExecutionSettings settings, CancellationToken cancellationToken)
    {
        if (_cache.FindGraph(known) is not { } path)
            return null;
        try
        {
            return OptimizedGraph.Open(path, settings, cancellationToken);
        }
        catch (OnnxRuntimeException e)
        {
            _cache.Discard(known, OnnxSession.Reason(e));
            return null;
        }
    }

    private static InferenceSession OpenPlain(ModelId id, string path, ExecutionSettings settings, CancellationToken cancellationToken)
    {
        using var options = NativeSession.Options(settings);
        try
        {
            return NativeSession.Open(path, options, cancellationToken);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {id} does not load: ONNX Runtime says \"{OnnxSession.Reason(e)}\". Check that the file is a complete ONNX model of a supported opset.",
                e);
        }
    }
}
