namespace Inference.Onnx.Crash;

/// <summary>Marks the work of this thread in the journal, until disposal. Marks of one thread may be nested.</summary>
internal readonly ref struct JournalMark
{
    private readonly ThreadEntry? _entry;
    private readonly JournalWork _before;

    private JournalMark(ThreadEntry? entry, JournalWork before) => (_entry, _before) = (entry, before);

    /// <param name="version">The entry of the version; null for a version that is not in a journal.</param>
    public static JournalMark Begin(JournaledVersion? version, ModelActivity activity) =>
        version is null ? default : Begin(version.Journal, new JournalWork(version.Index, activity));

    public static JournalMark Begin(CrashJournal journal, JournalWork work)
    {
        var entry = ThreadEntry.Enter(journal, work, out var before);
        return new JournalMark(entry, before);
    }

    public void Dispose() => _entry?.Leave(_before);
}
