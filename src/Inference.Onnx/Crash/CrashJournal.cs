using System.IO.MemoryMappedFiles;
using System.Text;
using Inference.Crash;
using Inference.Models;
using Inference.Models.Files;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx.Crash;

/// <summary>
/// What native code of this process does with which version, in a file that is mapped into memory. What is written there outlives the
/// process, however it ends, and the next one reads it. The process holds a lock on its file, by which others know that it lives. A
/// process that cannot keep a journal runs without one.
/// </summary>
public sealed unsafe class CrashJournal : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Lock _gate = new();
    private readonly VersionRecords _records;
    private readonly FileStream? _file;

    /// <summary>Null without a file.</summary>
    private readonly JournalHeader* _header;
    private readonly Dictionary<VersionKey, JournaledVersion> _versions = [];
    private readonly Stack<int> _freeVersions = new(Enumerable.Range(0, JournalLayout.Versions).Reverse());
    private readonly Stack<nint> _freeThreads = new();

    /// <summary>Reads what dead processes have left, records what it means, and begins a journal.</summary>
    /// <param name="directory">The journals are in a folder in it. Only this user may be able to write to it.</param>
    public CrashJournal(string directory, VersionRecords records, TimeProvider time, ILogger<CrashJournal> logger)
    {
        _records = records;
        var folder = Path.Combine(Path.GetFullPath(directory), "journal");
        try
        {
            if ((PrivateFolder.Ensure(Path.GetFullPath(directory)) ?? PrivateFolder.Ensure(folder)) is { } reason)
            {
                logger.JournalNotKept(null, folder, $"{reason}.");
                return;
            }

            new DeadJournals(records, time, logger).Read(folder);
            _file = Create(folder);
            _header = Map(_file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.JournalNotKept(e, folder, e.Message);
            return;
        }

        var threads = JournalThreads(_header);
        for (var thread = JournalLayout.Threads - 1; thread >= 0; thread--)
            _freeThreads.Push((nint)(threads + thread));
        if (!CrashEvidence.TryRecordTo(&_header->Evidence))
            logger.NoEvidence();
        _header->ProcessId = Environment.ProcessId;
        Volatile.Write(ref _header->Magic, JournalLayout.Magic);
    }

    internal static JournalVersion* JournalVersions(JournalHeader* header) =>
        (JournalVersion*)((byte*)header + JournalLayout.VersionsOffset);

    internal static JournalThread* JournalThreads(JournalHeader* header) =>
        (JournalThread*)((byte*)header + JournalLayout.ThreadsOffset);

    private static JournalHeader* Map(FileStream file)
    {
        // Never unmapped: threads may end after the journal.
        using var mapped = MemoryMappedFile.CreateFromFile(
            file, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        var view = mapped.CreateViewAccessor();
        byte* memory = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref memory);
        return (JournalHeader*)memory;
    }

    /// <summary>Says that the process was asked to end: if it is killed from now on, no version is to blame.</summary>
    public void Stop()
    {
        if (_header is not null)
            _header->IsStopping = 1;
    }

    /// <summary>All that another process would read.</summary>
    internal ReadOnlySpan<byte> Content => new(_header, JournalLayout.Size);

    /// <summary>Writes what the handler of a fault writes.</summary>
    internal void WriteEvidence(int signal, int thread) => _header->Evidence = ((long)signal << 32) | (uint)thread;

    /// <summary>Leaves nothing for the next start to read.</summary>
    public void Dispose()
    {
        if (_file is null)
            return;
        _file.Dispose();
        try
        {
            File.Delete(_file.Name);
        }
        catch (IOException)
        {
            // Windows keeps a mapped file. The next start finds nothing in it.
        }
    }

    /// <summary>Enters a version, or adds a user to its entry.</summary>
    /// <param name="tag">Null for files that no store has listed.</param>
    /// <returns>Null when there is no tag, no journal, or no room in it.</returns>
    internal JournaledVersion? Register(ModelId id, string? tag)
    {
        if (_header is null || tag is null)
            return null;
        var key = new VersionKey(new ModelVersion(id, tag, Size: 0));
        lock (_gate)
        {
            if (_versions.TryGetValue(key, out var known))
            {
                known.Retain();
                return known;
            }

            if (!_freeVersions.TryPop(out var index))
                return null;
            Write(JournalVersions(_header) + index, key);
            return _versions[key] = new JournaledVersion(this, key, index, _records.Find(VersionMark.Unprepared, key));
        }
    }

    internal void Return(JournaledVersion version)
    {
        lock (_gate)
        {
            // A load may have found it again since its last user left.
            if (!version.IsUnused || _versions.GetValueOrDefault(version.Key) != version)
                return;
            _versions.Remove(version.Key);
            _freeVersions.Push(version.Index);
        }
    }

    /// <summary>An entry for the calling thread; null when there is no room.</summary>
    internal ThreadEntry? AddThread()
    {
        lock (_gate)
            return _freeThreads.TryPop(out var thread) ? new ThreadEntry(this, _header, (JournalThread*)thread) : null;
    }

    internal void Return(JournalThread* thread)
    {
        lock (_gate)
            _freeThreads.Push((nint)thread);
    }

    private static void Write(JournalVersion* entry, VersionKey key)
    {
        entry->Number = key.Id.Version;
        Encoding.ASCII.GetBytes(key.Files, new Span<byte>(entry->Files, VersionKey.HashLength));
        entry->NameLength = Encoding.ASCII.GetBytes(key.Id.Name.Value, new Span<byte>(entry->Name, ModelName.MaxLength));
    }

    private static FileStream Create(string folder)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            // Taken now: memory whose place on the disk is only found when it is written to can fail, which no program survives.
            PreallocationSize = JournalLayout.Size,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Private;
        var file = new FileStream(Path.Combine(folder, $"{Environment.ProcessId}-{Guid.NewGuid():N}{DeadJournals.Extension}"), options);
        file.SetLength(JournalLayout.Size);
        return file;
    }
}
