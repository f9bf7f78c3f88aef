using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;

namespace Inference.Catalog;

/// <summary>A lease, which keeps a model loaded until the lease is disposed.</summary>
public sealed class ModelLease : IDisposable
{
    private LoadedModel? _loaded;

    /// <param name="loaded">The model. The caller has retained the model for this lease, and the lease releases it.</param>
    internal ModelLease(LoadedModel loaded) => _loaded = loaded;

    /// <summary>The leased model.</summary>
    /// <exception cref="ObjectDisposedException">The lease was disposed.</exception>
    public Model Model => Loaded.Model;

    /// <summary>
    /// Checks whether the loaded model can run predictions at the moment. For a remote model, the remote server is queried.
    /// </summary>
    /// <returns>The reason why the model cannot run predictions; null when it can.</returns>
    public Task<InferenceException?> CheckAsync(CancellationToken cancellationToken) => Loaded.Session.CheckAsync(cancellationToken);

    /// <summary>The settings that decide how the model's requests share runs.</summary>
    public BatchingSettings Batching => Loaded.Settings.Batching;

    /// <summary>The policy that selects the served versions of the model.</summary>
    public VersionPolicy ServePolicy => Loaded.Settings.Versions.Serve;

    /// <summary>The maximum number of items of a run of joined or split requests; 0 for a model without a declared contract.</summary>
    public int MaxBatch => Loaded.Contract.Kind == BatchContractKind.Declared ? Batching.MaxBatch ?? Session.Plan.MaxBatch : 0;

    /// <summary>Whether the model was loaded when the lease was requested, so that the caller waited for no load.</summary>
    internal bool WasLoaded { get; init; }

    internal IModelSession Session => Loaded.Session;

    internal LoadedModel Loaded => _loaded ?? throw new ObjectDisposedException(nameof(ModelLease));

    /// <summary>Creates another lease of the same model.</summary>
    internal ModelLease Copy()
    {
        var loaded = Loaded;
        loaded.Shared.Retain();
        return new ModelLease(loaded);
    }

    public void Dispose() => Interlocked.Exchange(ref _loaded, null)?.Release();
}
