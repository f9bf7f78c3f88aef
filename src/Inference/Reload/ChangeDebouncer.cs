namespace Inference.Reload;

/// <summary>
/// Detects changes that have settled: two consecutive checks have seen the same tag. Files are therefore not loaded while they are still
/// being copied.
/// </summary>
internal sealed class ChangeDebouncer<TKey>
    where TKey : notnull
{
    private Dictionary<TKey, string> _before = [];
    private Dictionary<TKey, string> _now = [];

    /// <summary>Ends a check. Keys that were not passed to <see cref="TrySettle"/> during the check are dropped.</summary>
    public void EndCheck() => (_before, _now) = (_now, []);

    /// <summary>Records the tag of a key in this check. Returns whether the previous check has recorded the same tag.</summary>
    public bool TrySettle(TKey key, string tag)
    {
        _now[key] = tag;
        return _before.TryGetValue(key, out var before) && before == tag;
    }
}
