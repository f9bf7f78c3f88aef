using Inference.Batching;
using Inference.Models;

namespace Inference.Serving;

/// <summary>Keeps a loaded model loaded until it is disposed.</summary>
public sealed class ModelLease : IDisposable
{
    private LoadedModel? _loaded;

    internal ModelLease(LoadedModel loaded) => _loaded = loaded;

    public Model Model => Loaded.Model;

    /// <summary>What keeps the model from answering at the moment, though it is loaded; null when nothing is known of such a thing.</summary>
    public InferenceException? Unavailable => Loaded.Session.Unavailable;

    internal TimeSpan? Timeout => Loaded.Timeout;

    internal IModelSession Session => Loaded.Session;

    internal BatchQueue Queue(Governor governor, TimeProvider time) => Loaded.Queue(governor, time);

    private LoadedModel Loaded => _loaded ?? throw new ObjectDisposedException(nameof(ModelLease));

    public void Dispose() => Interlocked.Exchange(ref _loaded, null)?.Release();
}
