using Inference.Models;
using Inference.Models.Settings;
using Inference.Remote;
using Inference.Remote.Access;

namespace Functions.Hosting;

/// <summary>Runs each model where it is: here, from its file, or on the server that its settings name.</summary>
internal sealed class ModelRuntimes(IModelRuntime onnx, RemoteAccess access, TimeProvider time) : IModelRuntime
{
    /// <summary>Models of other servers take as much as their settings files: nothing that counts.</summary>
    public MemoryEstimate EstimateMemory(long size, ModelSettings settings) =>
        settings.Remote is null ? onnx.EstimateMemory(size, settings) : new(Loading: size, Loaded: size);

    public Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken) =>
        files.IsRemote ? LoadRemoteAsync(id, files, settings, cancellationToken) : onnx.LoadAsync(id, files, settings, cancellationToken);

    /// <summary>Apart from the rest, so that nothing of it is touched before there is such a model.</summary>
    private Task<IModelSession> LoadRemoteAsync(
        ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken) =>
        new RemoteModelRuntime(access, time).LoadAsync(id, files, settings, cancellationToken);
}
