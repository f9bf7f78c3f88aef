using Inference.Batching;
using Inference.Diagnostics;
using Inference.Models;

namespace Inference.Serving;

/// <summary>Keeps a loaded model loaded until it is disposed.</summary>
public sealed class ModelLease : IDisposable
{
    private LoadedModel? _loaded;

    internal ModelLease(LoadedModel loaded) => _loaded = loaded;

    public Model Model => Loaded.Model;

    internal ModelTags Tags => Loaded.Tags;

    /// <summary>What keeps the model from answering at the moment, though it is loaded; null when nothing is known of such a thing.</summary>
    public InferenceException? Unavailable => Loaded.Session.Unavailable;

    internal TimeSpan? Timeout => Loaded.Timeout;

    internal IModelSession Session => Loaded.Session;

    internal BatchQueue Queue(Governor governor, TimeProvider time) => Loaded.Queue(governor, time);

    internal BatchQueue BackgroundQueue(Governor governor, TimeProvider time) => Loaded.BackgroundQueue(governor, time);

    /// <summary>Where the requests that this version answers also run, if they named none; null for nowhere.</summary>
    internal ModelSlot? Shadow => Loaded.Memory.Slot.Shadow;

    private LoadedModel Loaded => _loaded ?? throw new ObjectDisposedException(nameof(ModelLease));

    public void Dispose() => Interlocked.Exchange(ref _loaded, null)?.Release();
}
