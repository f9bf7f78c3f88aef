using Inference.Catalog.Memory;
using Inference.Compute;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx.Cache;
using Inference.Onnx.Crash;
using Inference.Onnx.Native;
using Inference.Onnx.Preparation;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// Runs ONNX models in this process, on the thread that starts the run. After the first load of a model, its optimized graph and its
/// execution plan are computed in the background. Both are cached for later loads.
/// </summary>
public sealed class OnnxModelRuntime : IModelRuntime
{
    /// <summary>
    /// The load time from which an optimized graph is worthwhile. A graph has costs: each load reads the whole graph file to check its
    /// hash, and the file uses disk space.
    /// </summary>
    private static readonly TimeSpan MinLoadTimeForGraph = TimeSpan.FromMilliseconds(20);

    private readonly GraphCache _cache;
    private readonly ModelPreparation _preparation;
    private readonly GraphShare? _share;
    private readonly int _slots;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="cacheDirectory">
    /// The folder of the cache, which is created if it is missing. If other users can write to the folder, models load without the cache,
    /// and one warning is logged.
    /// </param>
    /// <param name="shared">The store through which instances share graphs and measurements; null when nothing is shared.</param>
    public OnnxModelRuntime(
        Governor governor, string cacheDirectory, ISharedFiles? shared, TimeProvider time, ILogger<OnnxModelRuntime> logger)
    {
        _cache = new GraphCache(cacheDirectory, time, logger);
        _share = shared is null ? null : new GraphShare(shared, _cache, logger);
        _preparation = new ModelPreparation(_cache, _share, governor, time, logger);
        _slots = governor.Slots;
        _time = time;
        _logger = logger;
    }

    /// <summary>
    /// Returns the memory that runs have freed to the system. The C library would keep it: for example, hundreds of megabytes after a run
    /// whose output was a sequence of maps.
    /// </summary>
    public static void TrimMemory() => NativeHeap.Trim();

    /// <summary>The memory budget, which limits the second session that the preparation of a model opens; null without a limit.</summary>
    public MemoryBudget? MemoryBudget
    {
        get => _preparation.MemoryBudget;
        init => _preparation.MemoryBudget = value;
    }

    /// <summary>
    /// The name of the authority that vouches for the models. Graphs, plans and verdicts from another scope are not used.
    /// </summary>
    /// <value>Letters, digits and dashes. The default is the empty name, which means no authority.</value>
    public string TrustScope
    {
        get => _cache.Scope;
        init => _cache.Scope = value;
    }

    /// <summary>The journal of loads and runs; null for a process without a journal.</summary>
    public CrashJournal? Journal { get; init; }

    /// <summary>
    /// Starts to load the native library in the background. Without this call, the first model load would spend most of its time on loading
    /// the library. A failure is kept, and every later model load fails with the same exception.
    /// </summary>
    public static void Preload()
    {
        // glibc fixes the number of arenas when it creates the ninth arena, so the limit is set before other threads start.
        NativeHeap.LimitArenas();
        _ = Task.Run(OnnxEnvironment.EnsureCreated);
    }

    public MemoryEstimate EstimateMemory(long size, ModelSettings settings) => new(Loading: SessionMemory.ForOpening(size), Loaded: size);

    public Task<string?> FindProblemAsync(Stream file, CancellationToken cancellationToken) =>
        ModelFileKind.FindProblemAsync(file, cancellationToken);

    public async Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken)
    {
        if (_share is not null)
            await _share.FetchAsync(id, files, cancellationToken).ConfigureAwait(false);
        // A load can compute for a long time. So it has its own thread, and leaves the threads of the pool to requests.
        try
        {
            return await Task.Factory.StartNew(
                () => Load(id, files, settings, cancellationToken),
                cancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).ConfigureAwait(false);
        }
        catch (TaskSchedulerException e)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {id} does not load: there is not enough memory for another thread.{NativeLibraryFailure.GetMemoryAdvice()}",
                e);
        }
    }

    private OnnxSession Load(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken)
    {
        OnnxEnvironment.EnsureCreated();
        var journaled = Journal?.Register(id, files.RecordTag);
        try
        {
            using var mark = JournalMark.Begin(journaled, ModelActivity.Loading);
            return Load(new SessionSource(id, files, settings, _cache) { Journaled = journaled }, cancellationToken);
        }
        finally
        {
            // A loaded session has retained the entry, so only the use by the load ends here.
            journaled?.Release();
        }
    }

    private OnnxSession Load(SessionSource source, CancellationToken cancellationToken)
    {
        var identity = _cache.Identify(source.Files);
        var entry = identity is null ? null : _cache.FindByFile(source.Files, identity);
        // The plan may come from another machine, so its threads are limited to the slots of this machine.
        var threads = source.FixedThreads ?? Math.Min((entry?.Plan ?? ExecutionPlan.Default).Threads, _slots);
        if (source.OpenGraph(entry, threads, cancellationToken) is { } graph)
            return CreateSession(source, graph, threads, identity, entry, isGraphWorthwhile: false);

        var start = _time.GetTimestamp();
        var native = source.OpenModel(threads, cancellationToken);
        // No graph is created for a model with extension operators, because a graph is opened without their library.
        var isGraphWorthwhile = _time.GetElapsedTime(start) >= MinLoadTimeForGraph && !source.UsesExtensions;
        // A known graph that could not be opened must be created again.
        return CreateSession(source, native, threads, identity, entry?.GraphHash is null ? entry : null, isGraphWorthwhile);
    }

    private OnnxSession CreateSession(
        SessionSource source, InferenceSession native, int threads, string? identity, CacheEntry? entry, bool isGraphWorthwhile)
    {
        OnnxSession session;
        try
        {
            session = new OnnxSession(native, OnnxSignature.Read(source.Id, native, source.ReadGraph), threads)
            {
                Journaled = source.Journaled,
                OperatorLibraries = source.UsesExtensions ? [ExtensionOperators.Library] : [],
                RunMemory = new RunMemory(source.Id, SessionMemory.ForOpening(source.Size), _time, _logger),
            };
        }
        catch
        {
            native.Dispose();
            throw;
        }

        if (entry?.Plan is { } plan)
            session.Plan = plan;
        session.BatchVerdict = BatchExamination.GetInitialVerdict(source, session.Signature, entry?.Verdict);
        var model = new ModelToPrepare(source, session, identity, entry, isGraphWorthwhile);
        if (!model.IsDue)
            return session;
        if (source.Journaled?.PreparationObstacle is { } reason)
            _logger.PreparationForbidden(source.Id, reason);
        else
            session.StartBackgroundWork(stop => _preparation.RunAsync(model, stop));
        return session;
    }
}
