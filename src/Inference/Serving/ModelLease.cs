using Inference.Batching;
using Inference.Models;
using Inference.Models.Settings;

namespace Inference.Serving;

/// <summary>Keeps a loaded model loaded until it is disposed.</summary>
public sealed class ModelLease : IDisposable
{
    private LoadedModel? _loaded;

    internal ModelLease(LoadedModel loaded) => _loaded = loaded;

    public Model Model => Loaded.Model;

    /// <summary>How its requests are joined.</summary>
    public BatchingSettings Batching => Loaded.Batching;

    /// <summary>The most items of one run; 0 when the model has no batch dimension, or one of a fixed size.</summary>
    public int MaxBatch => Model.Signature.Batch == BatchAxis.Dynamic ? Batching.MaxBatch ?? Session.Plan.MaxBatch : 0;

    internal TimeSpan? Timeout => Loaded.Timeout;

    internal ModelStatistics Statistics => Loaded.Statistics;

    internal IModelSession Session => Loaded.Session;

    internal BatchQueue Queue(Governor governor, TimeProvider time) => Loaded.Queue(governor, time);

    private LoadedModel Loaded => _loaded ?? throw new ObjectDisposedException(nameof(ModelLease));

    public void Dispose() => Interlocked.Exchange(ref _loaded, null)?.Release();
}
