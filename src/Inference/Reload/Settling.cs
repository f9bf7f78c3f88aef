namespace Inference.Reload;

/// <summary>
/// Tells what has stopped changing: a change counts once two looks in a row have seen the same, so that files which are
/// still being copied are not taken half-way.
/// </summary>
internal sealed class Settling<TKey>
    where TKey : notnull
{
    private Dictionary<TKey, string> _before = [];
    private Dictionary<TKey, string> _now = [];

    /// <summary>Ends a look at everything; what it did not mention is forgotten.</summary>
    public void Next() => (_before, _now) = (_now, []);

    public bool TrySettle(TKey key, string tag)
    {
        _now[key] = tag;
        return _before.TryGetValue(key, out var before) && before == tag;
    }
}
