using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx.Cache;
using Inference.Onnx.Crash;
using Inference.Onnx.Graph;
using Inference.Onnx.Native;
using Inference.Onnx.Preparation;
using Inference.Onnx.ZeroSizes;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>Opens the sessions of one model, each with a given number of threads per run.</summary>
internal sealed class SessionSource(ModelId id, ModelFiles files, ModelSettings settings, GraphCache cache)
{
    private readonly Lazy<bool> _usesExtensions = new(() => ExtensionOperators.AreUsedBy(files.ModelPath));
    private readonly Lazy<OnnxModel> _graph = new(() => OnnxModelReader.Read(files.ModelPath, CancellationToken.None));

    public ModelId Id => id;

    public ModelFiles Files => files;

    /// <summary>The path of the model file.</summary>
    public string Path => files.ModelPath;

    /// <summary>The size of the model's files in bytes; the size of the model file alone when the store did not report the size.</summary>
    public long Size => files.Size ?? new FileInfo(Path).Length;

    /// <summary>The entry of the version in the crash journal; null when the version is not in a journal.</summary>
    public JournaledVersion? Journaled { get; init; }

    /// <summary>Whether the model uses operators of ONNX Runtime Extensions. Only then the library of these operators is loaded.</summary>
    public bool UsesExtensions => _usesExtensions.Value;

    /// <summary>The number of threads per run in the model's settings; null when the number is measured.</summary>
    public int? FixedThreads => settings.Execution.Threads;

    /// <summary>The setting that decides whether requests may share runs.</summary>
    public ContractChoice Contract => settings.Batching.Contract;

    /// <summary>Whether the model's warm-up contains requests, which are samples of valid inputs.</summary>
    public bool HasSamples => settings.Lifecycle.Warmup.Any(sample => sample.Request is not null);

    /// <summary>
    /// Returns the values with which inputs are padded, by the name of the input. Empty when there are none, or when the contract is not
    /// <see cref="ContractChoice.Proven"/>.
    /// </summary>
    public ImmutableSortedDictionary<string, float> GetPadding(ModelSignature signature) =>
        Contract == ContractChoice.Proven ? PaddingCheck.GetFillValues(settings.Batching, signature) : BatchingSettings.NoPadding;

    /// <summary>Returns a sentence about the first problem of the padding in the model's settings; null when there is none.</summary>
    public string? FindPaddingProblem(ModelSignature signature) => PaddingCheck.FindProblems(settings.Batching, signature).FirstOrDefault();

    /// <summary>Opens a session from the optimized graph if the cache has it, and otherwise from the model's file.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the model does not load.</exception>
    /// <exception cref="OperationCanceledException"/>
    public InferenceSession Open(CacheEntry? entry, int threads, CancellationToken cancellationToken) =>
        OpenGraph(entry, threads, cancellationToken) ?? OpenModel(threads, cancellationToken);

    /// <summary>
    /// Opens a session from the optimized graph; returns null when there is no graph. A graph that does not load is discarded.
    /// </summary>
    /// <exception cref="OperationCanceledException"/>
    public InferenceSession? OpenGraph(CacheEntry? entry, int threads, CancellationToken cancellationToken)
    {
        if (entry?.GraphHash is null || cache.FindGraph(entry) is not { } graph)
            return null;
        try
        {
            return OptimizedGraph.Open(graph, settings.Execution.MemoryProfile, threads, MayLeaveUnwritten(), cancellationToken);
        }
        catch (OnnxRuntimeException e)
        {
            cache.Discard(entry, NativeMessage.GetReason(e));
            return null;
        }
    }

    /// <summary>Returns the graph of the model's file, which the first call reads.</summary>
    /// <exception cref="InvalidDataException">The file is not an ONNX model.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public OnnxModel ReadGraph() => _graph.Value;

    /// <summary>
    /// Whether a run may leave memory of an output unwritten. Such a model runs with <see cref="ZeroedMemory"/>. True for a file that is no
    /// readable model.
    /// </summary>
    private bool MayLeaveUnwritten()
    {
        try
        {
            return UnwrittenProducts.Find(ReadGraph()) is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // The load reports the problem of the file later.
            return true;
        }
    }

    /// <summary>
    /// Throws if the name of an input or output contains a NUL character, because ONNX Runtime then reports only the part before it, and no
    /// run can name the input or output.
    /// </summary>
    private void ThrowIfNameEndsEarly()
    {
        try
        {
            var graph = ReadGraph().Graph;
            var names = graph.Inputs.Concat(graph.Outputs).Select(static value => value.Name);
            if (names.FirstOrDefault(static name => name.Contains('\0', StringComparison.Ordinal)) is not { } name)
                return;
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {id} does not load: the name \"{Quote.Shorten(name.Replace("\0", "\\0", StringComparison.Ordinal))}\" of an "
                + "input or output contains a NUL character (shown as \\0). Rename it in the graph.")
            {
                Cause = FailureCause.Files,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // ONNX Runtime reports the problem of the file.
        }
    }

    /// <summary>Opens a session from the model's file. The caller disposes the session.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the model does not load.</exception>
    /// <exception cref="OperationCanceledException"/>
    public InferenceSession OpenModel(int threads, CancellationToken cancellationToken)
    {
        using var options = NativeSession.CreateOptions(settings.Execution.MemoryProfile, threads, MayLeaveUnwritten());
        try
        {
            if (UsesExtensions)
                ExtensionOperators.Register(options);
            // A Git LFS pointer may be in the place of a weights file. If the weights had as few bytes as the pointer, ONNX Runtime would
            // read the text of the pointer as weights.
            if (ExternalWeights.DescribePointer(Path, cancellationToken) is { } pointer)
            {
                throw new InferenceException(InferenceError.ModelUnavailable, $"Model {id} does not load. {pointer}")
                {
                    LastsUntilFilesChange = true,
                    Cause = FailureCause.Files,
                };
            }

            ThrowIfNameEndsEarly();
            return NativeSession.Open(Path, options, cancellationToken);
        }
        catch (OnnxRuntimeException e)
        {
            var reason = NativeMessage.GetReason(e);
            var isBroken = !NativeLibraryFailure.IsOutOfMemory(reason);
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {id} does not load: ONNX Runtime says \"{reason}\". {LoadFailureAdvice.Advise(reason, files)}", e)
            {
                LastsUntilFilesChange = isBroken,
                Cause = isBroken ? FailureCause.Files : null,
            };
        }
    }
}
