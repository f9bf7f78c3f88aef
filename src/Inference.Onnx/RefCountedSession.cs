using Inference.Models;
using Inference.Onnx.Binding;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>A native session that is disposed when its last user releases it. The users are the owner and the runs.</summary>
/// <param name="threads">The number of threads per run with which the session was created.</param>
internal sealed class RefCountedSession(InferenceSession session, ModelSignature signature, int threads)
{
    private int _users = 1;

    /// <summary>The native session, valid while the caller is a user.</summary>
    public InferenceSession Native => session;

    /// <summary>Executes the smallest runs in bound memory; null for a model that has no <see cref="BoundLayout"/>.</summary>
    public BoundRuns? Bound { get; } = BoundLayout.TryCreate(signature) is { } layout ? new BoundRuns(session, layout) : null;

    /// <summary>The number of threads per run.</summary>
    public int Threads => threads;

    /// <summary>Adds a user; returns false when the session has no users and is disposed.</summary>
    public bool TryRetain()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var current = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (current == users)
                return true;
            users = current;
        }

        return false;
    }

    /// <summary>Removes a user: the owner, or one that <see cref="TryRetain"/> has added.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) != 0)
            return;
        Bound?.Dispose();
        session.Dispose();
    }
}
