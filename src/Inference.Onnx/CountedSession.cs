using Inference.Models;
using Inference.Onnx.Binding;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>A native session that lives until its last user has left: its owner, or a run that the owner did not wait for.</summary>
/// <param name="threads">The number of threads of each run, which the session was created with.</param>
internal sealed class CountedSession(InferenceSession session, ModelSignature signature, int threads)
{
    private int _users = 1;

    public InferenceSession Native => session;

    /// <summary>The runs in bound memory; null for a model that does not suit them.</summary>
    public BoundRuns? Bound { get; } = BoundLayout.Of(signature) is { } layout ? new BoundRuns(session, layout) : null;

    public int Threads => threads;

    /// <summary>Adds a user. False when the owner has released the session.</summary>
    public bool TryEnter()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var found = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (found == users)
                return true;
            users = found;
        }

        return false;
    }

    /// <summary>Ends the use that <see cref="TryEnter"/> began, or that of the owner.</summary>
    public void Exit()
    {
        if (Interlocked.Decrement(ref _users) != 0)
            return;
        Bound?.Dispose();
        session.Dispose();
    }
}
