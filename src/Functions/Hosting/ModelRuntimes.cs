using Inference.Models;
using Inference.Models.Settings;
using Inference.Remote;
using Inference.Remote.Access;

namespace Functions.Hosting;

/// <summary>Selects the runtime of each model: ONNX Runtime for a file, or the remote server that the model's settings name.</summary>
internal sealed class ModelRuntimes(IModelRuntime onnx, RemoteAccess access, TimeProvider time) : IModelRuntime
{
    /// <summary>Estimates the memory of a model. A remote model needs no more than its settings file.</summary>
    public MemoryEstimate EstimateMemory(long size, ModelSettings settings) =>
        settings.Remote is null ? onnx.EstimateMemory(size, settings) : new(Loading: size, Loaded: size);

    /// <summary>Checks a model file. Remote models have no file, so ONNX Runtime makes the check.</summary>
    public Task<string?> FindProblemAsync(Stream file, CancellationToken cancellationToken) =>
        onnx.FindProblemAsync(file, cancellationToken);

    public Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken) =>
        files.IsRemote ? LoadRemoteAsync(id, files, settings, cancellationToken) : onnx.LoadAsync(id, files, settings, cancellationToken);

    /// <summary>
    /// Loads a remote model. This is a separate method, so that the remote code is loaded only when there is a remote model.
    /// </summary>
    private Task<IModelSession> LoadRemoteAsync(
        ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken) =>
        new RemoteModelRuntime(access, time).LoadAsync(id, files, settings, cancellationToken);
}
