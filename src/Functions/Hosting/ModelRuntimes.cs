using Inference.Models;
using Inference.Models.Settings;
using Inference.Remote;
using Inference.Remote.Access;

namespace Functions.Hosting;

/// <summary>Selects the runtime of each model: ONNX Runtime for a file, or the remote server that the model's settings specify.</summary>
internal sealed class ModelRuntimes(IModelRuntime onnx, RemoteAccess access, TimeProvider time) : IModelRuntime
{
    /// <summary>Estimates the memory of a model. A remote model needs as much memory as its settings file has bytes.</summary>
    public MemoryEstimate EstimateMemory(long size, ModelSettings settings) =>
        settings.Remote is null ? onnx.EstimateMemory(size, settings) : new(Loading: size, Loaded: size);

    /// <summary>Checks a model file. Remote models have no model file, so every such file is for ONNX Runtime.</summary>
    public Task<string?> FindProblemAsync(Stream file, CancellationToken cancellationToken) =>
        onnx.FindProblemAsync(file, cancellationToken);

    public Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken) =>
        files.IsRemote ? LoadRemoteAsync(id, files, settings, cancellationToken) : onnx.LoadAsync(id, files, settings, cancellationToken);

    /// <summary>
    /// Loads a remote model. This is a separate method, so that a process without remote models does not load the code of
    /// <see cref="RemoteModelRuntime"/>.
    /// </summary>
    private Task<IModelSession> LoadRemoteAsync(
        ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken) =>
        new RemoteModelRuntime(access, time).LoadAsync(id, files, settings, cancellationToken);
}
