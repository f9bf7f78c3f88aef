using Inference.Models;
using Inference.Onnx.Binding;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>A native session that goes with the last who uses it: its owner, or a run that the owner did not wait for.</summary>
/// <param name="threads">The threads of each run, which the session was created with.</param>
internal sealed class CountedSession(InferenceSession session, ModelSignature signature, int threads)
{
    private int _users = 1;

    public InferenceSession Native => session;

    /// <summary>Null for a model whose runs are none such.</summary>
    public BoundRuns? Bound { get; } = BoundLayout.Of(signature) is { } layout ? new BoundRuns(session, layout) : null;

    public int Threads => threads;

    /// <summary>False when its owner has let go of it.</summary>
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

    /// <summary>Ends a use that <see cref="TryEnter"/> began, or the owner's.</summary>
    public void Exit()
    {
        if (Interlocked.Decrement(ref _users) != 0)
            return;
        Bound?.Dispose();
        session.Dispose();
    }
}
