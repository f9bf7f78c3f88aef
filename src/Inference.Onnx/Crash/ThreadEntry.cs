namespace Inference.Onnx.Crash;

/// <summary>The entry of a thread in the journal. The finalizer returns the entry to the journal after the end of the thread.</summary>
internal sealed unsafe class ThreadEntry
{
    [ThreadStatic]
    private static ThreadEntry? _current;

    private readonly CrashJournal _journal;
    private readonly JournalHeader* _header;
    private readonly JournalThread* _thread;
    private readonly int _id;

    /// <param name="thread">The entry of the calling thread in the journal.</param>
    public ThreadEntry(CrashJournal journal, JournalHeader* header, JournalThread* thread)
    {
        _journal = journal;
        _header = header;
        _thread = thread;
        _id = thread->Id = CrashSignalRecorder.ThreadId;
    }

    ~ThreadEntry()
    {
        *_thread = default;
        _journal.ReturnThread(_thread);
    }

    /// <summary>The journal and the work of the calling thread; null for a thread without an entry.</summary>
    public static (CrashJournal Journal, JournalWork Work)? Current =>
        _current is { } entry ? (entry._journal, new JournalWork(entry._thread->Work)) : null;

    /// <summary>Records the work that the calling thread begins.</summary>
    /// <param name="previousWork">The work that the thread did before this call, as the argument for <see cref="Leave"/>.</param>
    /// <returns>The entry; null when the journal has no room for the thread.</returns>
    public static ThreadEntry? Enter(CrashJournal journal, JournalWork work, out JournalWork previousWork)
    {
        var entry = _current;
        if (entry?._journal != journal)
        {
            _current = entry = journal.AddThread();
            if (entry is null)
            {
                previousWork = default;
                return null;
            }
        }

        previousWork = new JournalWork(entry._thread->Work);
        // An earlier fault of this thread may have become an exception that managed code caught. The record of that fault must not count
        // against the new work.
        if ((int)entry._header->LastFault == entry._id)
            entry._header->LastFault = 0;
        Volatile.Write(ref entry._thread->Work, work.Value);
        return entry;
    }

    /// <summary>Records again the work that the thread did before <see cref="Enter"/>.</summary>
    public void Leave(JournalWork previousWork) => Volatile.Write(ref _thread->Work, previousWork.Value);
}
