using Inference.Crash;

namespace Inference.Onnx.Crash;

/// <summary>The entry of a version in the journal, while it has users: its load and its sessions.</summary>
/// <param name="index">The index in the table of versions.</param>
/// <param name="unprepared">Why the version is not prepared; null when it may be.</param>
internal sealed class JournaledVersion(CrashJournal journal, VersionKey key, int index, string? unprepared)
{
    private int _users = 1;

    public CrashJournal Journal => journal;

    public VersionKey Key => key;

    public int Index => index;

    public string? Unprepared => unprepared;

    public bool IsUnused => Volatile.Read(ref _users) == 0;

    /// <summary>Adds a user while another one is known to stay.</summary>
    public void Retain() => Interlocked.Increment(ref _users);

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            journal.Return(this);
    }
}
