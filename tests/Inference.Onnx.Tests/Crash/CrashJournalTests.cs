using System.Runtime.InteropServices;
using Inference.Crash;
using Inference.Models;
using Inference.Onnx.Crash;
using Inference.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Onnx.Tests.Crash;

/// <summary>
/// Tests the journals of ended processes. A copy of a journal stands for the journal of an ended process, because no process locks the
/// copy.
/// </summary>
public sealed class CrashJournalTests : IDisposable
{
    private static readonly ModelVersion Version = new(TestModels.Id("model", 3), "tag", 1);

    private readonly TempFolder _cache = new();
    private readonly FakeTimeProvider _time = new();
    private readonly VersionRecords _records;

    public CrashJournalTests() => _records = new VersionRecords(_cache.Path, _time, NullLogger<VersionRecords>.Instance);

    [Theory]
    [InlineData(ModelActivity.Loading, VersionMark.Quarantined, "(SIGFPE) while it loaded")]
    [InlineData(ModelActivity.Running, VersionMark.Quarantined, "(SIGFPE) while it ran")]
    [InlineData(ModelActivity.Unloading, VersionMark.Quarantined, "(SIGFPE) while it was unloaded")]
    [InlineData(ModelActivity.Preparing, VersionMark.PreparationFailed, "(SIGFPE) during its preparation")]
    internal void Open_AfterACrash_BlamesWhatTheThreadDid(ModelActivity activity, VersionMark mark, string reason)
    {
        Die(activity, crash: true);

        using var next = Open();

        AssertText.Contains(reason, _records.Find(mark, new VersionKey(Version)));
        Assert.Equal(1, Marks());
    }

    [Theory]
    [InlineData(ModelActivity.Running)]
    [InlineData(ModelActivity.Unloading)]
    internal void Open_AfterAKillDuringARun_BlamesNothing(ModelActivity activity)
    {
        Die(activity, crash: false);

        using var next = Open();

        Assert.Equal(0, Marks());
    }

    [Fact]
    public void Open_AfterAKillDuringALoad_QuarantinesTheSecondTimeInARow()
    {
        Die(ModelActivity.Loading, crash: false);
        using (Open())
            Assert.Null(_records.Find(VersionMark.Quarantined, new VersionKey(Version)));
        Die(ModelActivity.Loading, crash: false);

        using var next = Open();

        Assert.Contains("twice in a row", _records.Find(VersionMark.Quarantined, new VersionKey(Version)), StringComparison.Ordinal);
        Assert.Equal(1, Marks());
    }

    [Fact]
    public void Open_AfterAKillDuringAPreparation_PreparesItNoMore()
    {
        Die(ModelActivity.Preparing, crash: false);

        using var next = Open();

        Assert.NotNull(next.Register(Version.Id, Version.Tag)!.PreparationObstacle);
        Assert.Null(next.Register(Version.Id, "another tag")!.PreparationObstacle);
        Assert.Null(_records.Find(VersionMark.Quarantined, new VersionKey(Version)));
    }

    [Fact]
    public void Open_AfterAKillDuringAStop_BlamesNothing()
    {
        Die(ModelActivity.Loading, crash: false, stopping: true);

        using var next = Open();

        Assert.Equal(0, Marks());
    }

    [Fact]
    public void Open_WhileAnotherProcessLives_LeavesItsJournal()
    {
        using var first = Open();
        using var mark = JournalMark.Begin(first.Register(Version.Id, Version.Tag), ModelActivity.Loading);

        using var second = Open();

        Assert.Equal(2, Directory.GetFiles(_cache.Combine("journal")).Length);
        Assert.Equal(0, Marks());
    }

    [Fact]
    public void Open_FilesThatAreNoJournals_AreRemoved()
    {
        Directory.CreateDirectory(_cache.Combine("journal"));
        File.WriteAllText(_cache.Combine("journal", "1.journal"), "");
        File.WriteAllBytes(_cache.Combine("journal", "2.journal"), [.. Enumerable.Repeat((byte)0xff, 300_000)]);

        using (Open())
        {
        }

        Assert.Empty(Directory.GetFiles(_cache.Combine("journal")));
        Assert.Equal(0, Marks());
    }

    /// <summary>
    /// In managed code, .NET converts fault signals to exceptions. The signals must still reach .NET's handlers, and must not count as
    /// evidence.
    /// </summary>
    [Fact]
    public void Run_ManagedFaultsBeforeAndDuringIt_AreCaughtAndBlameNothing()
    {
        using var journal = Open();
        var version = journal.Register(Version.Id, Version.Tag);
        for (var run = 0; run < 3; run++)
        {
            Assert.Throws<NullReferenceException>(() => ((string?)Nothing())!.Length);
            Assert.Throws<DivideByZeroException>(() => 1 / Zero());
            Assert.Equal(OperatingSystem.IsLinux(), HasFault(journal));
            using var mark = JournalMark.Begin(version, ModelActivity.Running);
            Assert.False(HasFault(journal));
            Copy(journal);
        }

        using var next = Open();

        Assert.Equal(0, Marks());
    }

    [Fact]
    public void Register_MoreVersionsThanThereIsRoomFor_LeavesThemOut()
    {
        using var journal = Open();
        var versions =
            Enumerable.Range(0, JournalLayout.VersionCapacity).Select(number => journal.Register(Version.Id, $"{number}")!).ToList();

        Assert.Null(journal.Register(Version.Id, "one more"));
        Assert.Same(versions[7], journal.Register(Version.Id, "7"));
        versions[8].Release();
        Assert.NotNull(journal.Register(Version.Id, "one more"));
    }

    [Fact]
    public void Release_OfAModel_DeletesItsMarksAlone()
    {
        Die(ModelActivity.Running, crash: true);
        using var next = Open();
        var other = new VersionKey(new ModelVersion(TestModels.Id("model.3"), "tag", 1));
        _records.Write(VersionMark.Quarantined, other, "other");

        Assert.True(_records.DeleteBlockingMarks(Version.Id.Name));
        Assert.False(_records.DeleteBlockingMarks(Version.Id.Name));

        Assert.Null(_records.Find(VersionMark.Quarantined, new VersionKey(Version)));
        Assert.Equal("other", _records.Find(VersionMark.Quarantined, other));
    }

    /// <summary>A file in place of the folder of the records stands for a full disk.</summary>
    [Fact]
    public void Open_RecordsCannotBeWritten_ThisProcessQuarantinesAndTheNextProcessReadsTheJournalAgain()
    {
        Die(ModelActivity.Running, crash: true);
        if (Directory.Exists(_cache.Combine("versions")))
            Directory.Delete(_cache.Combine("versions"), recursive: true);
        File.WriteAllText(_cache.Combine("versions"), "");

        using (Open())
        {
            Assert.Contains("(SIGFPE)", _records.Find(VersionMark.Quarantined, new VersionKey(Version)), StringComparison.Ordinal);
            Assert.True(_records.DeleteBlockingMarks(Version.Id.Name));
            Assert.Null(_records.Find(VersionMark.Quarantined, new VersionKey(Version)));
        }

        File.Delete(_cache.Combine("versions"));
        var records = new VersionRecords(_cache.Path, _time, NullLogger<VersionRecords>.Instance);
        using var next = new CrashJournal(_cache.Path, records, _time, NullLogger<CrashJournal>.Instance);
        Assert.Contains("(SIGFPE)", records.Find(VersionMark.Quarantined, new VersionKey(Version)), StringComparison.Ordinal);
        Assert.Equal(1, Marks());
        Assert.Single(Directory.GetFiles(_cache.Combine("journal"), $"*{EndedProcessJournals.Extension}"));
    }

    /// <summary>The second kill is not recorded, because the disk is full. The next process must still know of the first kill.</summary>
    [Fact]
    public void Open_QuarantineCannotBeWritten_TheNextProcessQuarantines()
    {
        Die(ModelActivity.Loading, crash: false);
        using (Open())
            Assert.Equal(1, Marks());
        Die(ModelActivity.Loading, crash: false);
        var quarantine = Path.ChangeExtension(Directory.GetFiles(_cache.Combine("versions")).Single(), ".quarantined");
        Directory.CreateDirectory(quarantine);
        using (Open())
            Assert.NotNull(_records.Find(VersionMark.Quarantined, new VersionKey(Version)));
        Directory.Delete(quarantine);

        var records = new VersionRecords(_cache.Path, _time, NullLogger<VersionRecords>.Instance);
        using var next = new CrashJournal(_cache.Path, records, _time, NullLogger<CrashJournal>.Instance);

        Assert.Contains("twice in a row", records.Find(VersionMark.Quarantined, new VersionKey(Version)), StringComparison.Ordinal);
    }

    /// <summary>The journal is kept, because one of its records could not be written. Its kill counts once.</summary>
    [Fact]
    public void Open_JournalIsReadAgain_CountsItsKillOnce()
    {
        Die(ModelActivity.Loading, crash: false);
        var journal = Directory.GetFiles(_cache.Combine("journal")).Single();
        var content = File.ReadAllBytes(journal);
        using (Open())
            Assert.NotNull(_records.Find(VersionMark.Suspected, new VersionKey(Version)));
        File.WriteAllBytes(journal, content);

        using var next = Open();

        Assert.Null(_records.Find(VersionMark.Quarantined, new VersionKey(Version)));
    }

    public void Dispose() => _cache.Dispose();

    private static string? Nothing() => Environment.TickCount64 < 0 ? "" : null;

    private static int Zero() => Environment.TickCount64 < 0 ? 1 : 0;

    private CrashJournal Open() => new(_cache.Path, _records, _time, NullLogger<CrashJournal>.Instance);

    private static bool HasFault(CrashJournal journal) => MemoryMarshal.Read<JournalHeader>(journal.Content).LastFault != 0;

    private int Marks() => Directory.Exists(_cache.Combine("versions")) ? Directory.GetFiles(_cache.Combine("versions")).Length : 0;

    /// <summary>Creates the journal of a process that ended during an activity.</summary>
    private void Die(ModelActivity activity, bool crash, bool stopping = false)
    {
        using var journal = Open();
        using var mark = JournalMark.Begin(journal.Register(Version.Id, Version.Tag), activity);
        if (stopping)
            journal.MarkStopping();
        // The signal handler writes the signal and the thread.
        Copy(journal, crash ? ((long)Signals.FloatingPoint << 32) | (uint)CrashSignalRecorder.ThreadId : 0);
    }

    private void Copy(CrashJournal journal, long lastFault = 0)
    {
        // The content is copied from memory, because .NET applies the lock on the file also within one process.
        var content = journal.Content.ToArray();
        if (lastFault != 0)
            MemoryMarshal.AsRef<JournalHeader>(content.AsSpan()).LastFault = lastFault;
        File.WriteAllBytes(_cache.Combine("journal", $"{Guid.NewGuid():N}{EndedProcessJournals.Extension}"), content);
    }
}
