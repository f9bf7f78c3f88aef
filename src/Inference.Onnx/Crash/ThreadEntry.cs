namespace Inference.Onnx.Crash;

/// <summary>A thread's place in the journal. It goes back to the journal when the thread is gone.</summary>
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
        _id = thread->Id = CrashEvidence.ThreadId;
    }

    ~ThreadEntry()
    {
        *_thread = default;
        _journal.Return(_thread);
    }

    /// <summary>The work of the calling thread, and its journal; null for a thread without an entry.</summary>
    public static (CrashJournal Journal, JournalWork Work)? Current =>
        _current is { } entry ? (entry._journal, new JournalWork(entry._thread->Work)) : null;

    /// <summary>Writes what the calling thread does from now on.</summary>
    /// <returns>Null when the journal has no entry for the thread.</returns>
    public static ThreadEntry? Enter(CrashJournal journal, JournalWork work, out JournalWork before)
    {
        var entry = _current;
        if (entry?._journal != journal)
        {
            _current = entry = journal.AddThread();
            if (entry is null)
            {
                before = default;
                return null;
            }
        }

        before = new JournalWork(entry._thread->Work);
        // A fault from before that managed code has caught: it is no evidence of a crash of what begins now.
        if ((int)entry._header->Evidence == entry._id)
            entry._header->Evidence = 0;
        Volatile.Write(ref entry._thread->Work, work.Value);
        return entry;
    }

    public void Leave(JournalWork before) => Volatile.Write(ref _thread->Work, before.Value);
}
