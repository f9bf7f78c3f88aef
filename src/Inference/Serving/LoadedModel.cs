using Inference.Models;

namespace Inference.Serving;

/// <summary>
/// A session with a count of its users. The catalog's own share is one of them: once that is given back, the last lease
/// disposes the session, and no new lease is given.
/// </summary>
internal sealed class LoadedModel(Model model, IModelSession session)
{
    private int _references = 1;

    public Model Model { get; } = model;

    public IModelSession Session { get; } = session;

    public bool TryLease(out ModelLease lease)
    {
        var references = Volatile.Read(ref _references);
        while (references > 0)
        {
            var seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
            {
                lease = new ModelLease(this);
                return true;
            }

            references = seen;
        }

        lease = null!;
        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            Session.Dispose();
    }
}
