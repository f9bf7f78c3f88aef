namespace Inference.Reload;

/// <summary>
/// Detects changes that have settled: two consecutive checks have seen the same tag. Files are therefore not loaded while they are still
/// being copied.
/// </summary>
internal sealed class ChangeDebouncer
{
    private Dictionary<string, string> _previousTags = [];
    private Dictionary<string, string> _currentTags = [];

    /// <summary>Ends a check. Keys that were not passed to <see cref="TrySettle"/> during the check are dropped.</summary>
    public void EndCheck() => (_previousTags, _currentTags) = (_currentTags, []);

    /// <summary>Records the tag of a key in this check. Returns whether the previous check recorded the same tag.</summary>
    public bool TrySettle(string key, string tag)
    {
        _currentTags[key] = tag;
        return _previousTags.TryGetValue(key, out var before) && before == tag;
    }
}
