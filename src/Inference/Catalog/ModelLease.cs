using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;

namespace Inference.Catalog;

/// <summary>Keeps a loaded model loaded until it is disposed.</summary>
public sealed class ModelLease : IDisposable
{
    private LoadedModel? _loaded;

    /// <param name="loaded">Retained for this lease, which releases it.</param>
    internal ModelLease(LoadedModel loaded) => _loaded = loaded;

    public Model Model => Loaded.Model;

    /// <summary>Checks whether a loaded model can answer at the moment; a model of another server is asked.</summary>
    /// <returns>The reason why it cannot; null when it can.</returns>
    public Task<InferenceException?> CheckAsync(CancellationToken cancellationToken) => Loaded.Session.CheckAsync(cancellationToken);

    /// <summary>The contract for joining its requests.</summary>
    public BatchingSettings Batching => Loaded.Batching;

    /// <summary>Which of the model's versions are served.</summary>
    public VersionPolicy Served => Loaded.Served;

    /// <summary>The most items of a run of joined or split requests; 0 for a model without a declared contract.</summary>
    public int MaxBatch => Loaded.Contract.Kind == BatchContractKind.Declared ? Batching.MaxBatch ?? Session.Plan.MaxBatch : 0;

    internal IModelSession Session => Loaded.Session;

    internal LoadedModel Loaded => _loaded ?? throw new ObjectDisposedException(nameof(ModelLease));

    /// <summary>Another lease of the same model.</summary>
    internal ModelLease Copy()
    {
        var loaded = Loaded;
        loaded.Shared.Retain();
        return new ModelLease(loaded);
    }

    public void Dispose() => Interlocked.Exchange(ref _loaded, null)?.Release();
}
