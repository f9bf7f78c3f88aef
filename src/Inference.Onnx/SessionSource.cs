using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx.Cache;
using Inference.Onnx.Crash;
using Inference.Onnx.Graph;
using Inference.Onnx.Preparation;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>Opens one model's sessions, with as many threads a run as wanted.</summary>
internal sealed class SessionSource(ModelId id, ModelFiles files, ModelSettings settings, GraphCache cache)
{
    private readonly Lazy<bool> _usesExtensions = new(() => ExtensionOperators.AreUsedBy(files.ModelPath));

    public ModelId Id => id;

    public ModelFiles Files => files;

    public string Path => files.ModelPath;

    /// <summary>Bytes of the model's files, as far as they are known.</summary>
    public long Size => files.Size ?? new FileInfo(Path).Length;

    /// <summary>Null when the version is not in a journal.</summary>
    public JournaledVersion? Journaled { get; init; }

    /// <summary>Whether the model has operators of ONNX Runtime Extensions, for which their library is loaded.</summary>
    public bool UsesExtensions => _usesExtensions.Value;

    /// <summary>The threads that the model's settings fix; null when they are measured.</summary>
    public int? FixedThreads => settings.Execution.Threads;

    /// <summary>The choice in the model's settings about sharing runs.</summary>
    public ContractChoice Contract => settings.Batching.Contract;

    /// <summary>Whether requests warm the model up, which are samples of valid inputs.</summary>
    public bool HasSamples => settings.Lifecycle.Warmup.Any(sample => sample.Request is not null);

    /// <summary>
    /// Returns the values that inputs are padded with, if that changes no result; empty when nothing is to be padded or examined.
    /// </summary>
    public ImmutableSortedDictionary<string, float> PaddingOf(ModelSignature signature) =>
        Contract == ContractChoice.Proven ? PaddingCheck.FillsOf(settings.Batching, signature) : BatchingSettings.NoPadding;

    /// <summary>Says why the model does not allow the padding of its settings; null when it does.</summary>
    public string? FindPaddingProblem(ModelSignature signature) => PaddingCheck.Find(settings.Batching, signature).FirstOrDefault();

    /// <summary>From the optimized graph, when the cache has it; else from the model's file.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the model does not load.</exception>
    /// <exception cref="OperationCanceledException"/>
    public InferenceSession Open(CacheEntry? known, int threads, CancellationToken cancellationToken) =>
        OpenGraph(known, threads, cancellationToken) ?? OpenModel(threads, cancellationToken);

    /// <summary>Null when there is no optimized graph, or none that can be used; then it is thrown away.</summary>
    /// <exception cref="OperationCanceledException"/>
    public InferenceSession? OpenGraph(CacheEntry? known, int threads, CancellationToken cancellationToken)
    {
        if (known?.GraphHash is null || cache.FindGraph(known) is not { } graph)
            return null;
        try
        {
            return OptimizedGraph.Open(graph, settings.Execution.MemoryProfile, threads, cancellationToken);
        }
        catch (OnnxRuntimeException e)
        {
            cache.Discard(known, NativeSource.Reason(e));
            return null;
        }
    }

    /// <exception cref="InvalidDataException">The file is not an ONNX model.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public OnnxModel ReadGraph() => OnnxModelReader.Read(Path, CancellationToken.None);

    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the model does not load.</exception>
    /// <exception cref="OperationCanceledException"/>
    public InferenceSession OpenModel(int threads, CancellationToken cancellationToken)
    {
        using var options = NativeSession.Options(settings.Execution.MemoryProfile, threads);
        try
        {
            if (UsesExtensions)
                ExtensionOperators.Register(options);
            // ONNX Runtime would take the text of the pointer for weights, if they are as few bytes.
            if (ExternalWeights.FindPointer(Path, cancellationToken) is { } pointer)
                throw new InferenceException(InferenceError.ModelUnavailable, $"Model {id} does not load. {pointer}");
            return NativeSession.Open(Path, options, cancellationToken);
        }
        catch (OnnxRuntimeException e)
        {
            var reason = NativeSource.Reason(e);
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {id} does not load: ONNX Runtime says \"{reason}\". {LoadFailure.Advise(reason, files)}", e);
        }
    }
}
