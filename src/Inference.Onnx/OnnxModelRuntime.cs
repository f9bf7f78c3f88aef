using Inference.Catalog.Memory;
using Inference.Compute;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx.Cache;
using Inference.Onnx.Crash;
using Inference.Onnx.Preparation;
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
    private readonly GraphShare? _share;
    private readonly int _slots;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="cacheDirectory">
    /// Created when it is missing. Only this user may be able to write to it; else models load without it, with one warning.
    /// </param>
    /// <param name="shared">The store that instances share their measurements through; null for none.</param>
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

    /// <summary>The source of memory for a second session of a loaded model; null without a limit.</summary>
    public MemoryBudget? Memory
    {
        get => _preparation.Memory;
        init => _preparation.Memory = value;
    }

    /// <summary>
    /// Names what vouches for the models. Graphs, plans and verdicts that were worked out or shared under another scope are not used.
    /// </summary>
    /// <value>Default: empty, nothing vouches for them. Letters, digits and dashes.</value>
    public string TrustScope
    {
        get => _cache.Scope;
        init => _cache.Scope = value;
    }

    /// <summary>The journal of loads and runs; null for none.</summary>
    public CrashJournal? Journal { get; init; }

    /// <summary>A plain load that takes this long is worth an optimized graph.</summary>
    internal TimeSpan GraphPaysFrom { get; init; } = SlowLoad;

    /// <summary>
    /// Begins, in the background, what the first load would otherwise wait for: the system's loader takes longest on the native
    /// library. A failure is kept, and is the reason why models do not load.
    /// </summary>
    public static void Preload()
    {
        // glibc fixes the number when it makes the ninth arena, so before the process has that many threads.
        NativeHeap.LimitArenas();
        _ = Task.Run(OnnxEnvironment.EnsureCreated);
    }

    public MemoryEstimate EstimateMemory(long size, ModelSettings settings) => new(Loading: SessionMemory.OfOpening(size), Loaded: size);

    public async Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken)
    {
        if (_share is not null)
            await _share.FetchAsync(id, files, cancellationToken).ConfigureAwait(false);
        // A thread of its own: a load computes for as long as it takes, and the pool has requests to serve.
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
                $"Model {id} does not load: there is not enough memory for another thread.{NativeLibraryFailure.LimitAdvice()}",
                e);
        }
    }

    private OnnxSession Load(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken)
    {
        OnnxEnvironment.EnsureCreated();
        var journaled = Journal?.Register(id, files.Tag);
        try
        {
            using var mark = JournalMark.Of(journaled, ModelActivity.Loading);
            return Load(new SessionSource(id, files, settings, _cache) { Journaled = journaled }, cancellationToken);
        }
        finally
        {
            // The session is a user itself.
            journaled?.Release();
        }
    }

    private OnnxSession Load(SessionSource source, CancellationToken cancellationToken)
    {
        var identity = _cache.Identify(source.Files);
        var known = identity is null ? null : _cache.FindByFile(source.Files, identity);
        // The plan may be another machine's.
        var threads = source.FixedThreads ?? Math.Min((known?.Plan ?? ExecutionPlan.Default).Threads, _slots);
        if (source.OpenGraph(known, threads, cancellationToken) is { } graph)
            return Serve(source, graph, threads, identity, known, graphPays: false);

        var started = _time.GetTimestamp();
        var plain = source.OpenModel(threads, cancellationToken);
        // A graph is opened without the library of its operators.
        var graphPays = _time.GetElapsedTime(started) >= GraphPaysFrom && !source.UsesExtensions;
        // A graph that was known but could not be opened is to be made again.
        return Serve(source, plain, threads, identity, known?.GraphHash is null ? known : null, graphPays);
    }

    private OnnxSession Serve(
        SessionSource source, InferenceSession native, int threads, string? identity, CacheEntry? known, bool graphPays)
    {
        OnnxSession session;
        try
        {
            session = new OnnxSession(native, OnnxSignature.Read(source.Id, native, source.ReadGraph), threads)
            {
                Journaled = source.Journaled,
                OperatorLibraries = source.UsesExtensions ? [ExtensionOperators.Library] : [],
                Memory = new RunMemory(source.Id, SessionMemory.OfOpening(source.Size), _time, _logger),
            };
        }
        catch
        {
            native.Dispose();
            throw;
        }

        if (known?.Plan is { } plan)
            session.Plan = plan;
        session.BatchVerdict = BatchExamination.VerdictAtLoad(source, session.Signature, known?.Verdict);
        var model = new PreparedModel(source, session, identity, known, graphPays);
        if (!model.IsDue)
            return session;
        if (source.Journaled?.Unprepared is { } reason)
            _logger.PreparationForbidden(source.Id, reason);
        else
            session.Begin(stop => _preparation.RunAsync(model, stop));
        return session;
    }
}
