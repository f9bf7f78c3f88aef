using Inference.Crash;

namespace Inference.Onnx.Crash;

/// <summary>
/// The entry of a model version in the journal. The entry exists while it has users: the loads and the sessions of the version.
/// </summary>
/// <param name="index">The index in the table of versions.</param>
/// <param name="preparationObstacle">
/// The reason why the version must not be prepared (optimized and measured in the background); null when preparation is allowed.
/// </param>
internal sealed class JournaledVersion(CrashJournal journal, VersionKey key, int index, string? preparationObstacle)
{
    private int _users = 1;

    public CrashJournal Journal => journal;

    public VersionKey Key => key;

    /// <summary>The index in the table of versions.</summary>
    public int Index => index;

    /// <summary>The reason why the version must not be prepared; null when the preparation is allowed.</summary>
    public string? PreparationObstacle => preparationObstacle;

    /// <summary>Whether the entry has no user. A load that holds the lock of the journal can still retain the entry.</summary>
    public bool IsUnused => Volatile.Read(ref _users) == 0;

    /// <summary>
    /// Adds a user. Call this only while another user keeps the entry, or while the caller holds the lock of the journal.
    /// </summary>
    public void Retain() => Interlocked.Increment(ref _users);

    /// <summary>Removes a user. The release by the last user removes the entry from the journal.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            journal.RemoveIfUnused(this);
    }
}
