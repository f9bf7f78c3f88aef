namespace Inference.Onnx.Crash;

/// <summary>Marks the work of this thread in the journal, until disposal. Marks of one thread may be nested.</summary>
internal readonly ref struct JournalMark
{
    private readonly ThreadEntry? _entry;
    private readonly JournalWork _previousWork;

    private JournalMark(ThreadEntry? entry, JournalWork previousWork) => (_entry, _previousWork) = (entry, previousWork);

    /// <param name="version">The entry of the version; null for a version that is not in a journal.</param>
    public static JournalMark Begin(JournaledVersion? version, ModelActivity activity) =>
        version is null ? default : Begin(version.Journal, new JournalWork(version.Index, activity));

    public static JournalMark Begin(CrashJournal journal, JournalWork work)
    {
        var entry = ThreadEntry.Enter(journal, work, out var previousWork);
        return new JournalMark(entry, previousWork);
    }

    public void Dispose() => _entry?.Leave(_previousWork);
}
