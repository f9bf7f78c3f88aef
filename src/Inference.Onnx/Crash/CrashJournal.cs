using System.IO.MemoryMappedFiles;
using System.Text;
using Inference.Crash;
using Inference.Models;
using Inference.Models.Files;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx.Crash;

/// <summary>
/// Records the model versions that the native code of this process works on, in a file that is mapped into memory. The content survives any
/// end of the process, and the next process reads the file. The process holds a lock on the file, which shows other processes that this
/// process is alive. If the journal cannot be created, a warning is logged, and the process runs without a journal.
/// </summary>
public sealed unsafe class CrashJournal : IDisposable
{
    private const UnixFileMode PrivateFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Lock _gate = new();
    private readonly VersionRecords _records;
    private readonly FileStream? _file;

    /// <summary>The mapped file; null without a file.</summary>
    private readonly JournalHeader* _header;
    private readonly Dictionary<VersionKey, JournaledVersion> _versions = [];
    private readonly Stack<int> _freeVersionIndexes = new(Enumerable.Range(0, JournalLayout.VersionCapacity).Reverse());
    private readonly Stack<nint> _freeThreadEntries = new();

    /// <summary>
    /// Reads the journals of ended processes, records the versions that may have ended these processes, and creates a journal.
    /// </summary>
    /// <param name="directory">
    /// The folder that contains the subfolder of journals. If other users can write to either folder, no journal is created.
    /// </param>
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

            new EndedProcessJournals(records, time, logger).ReadAndDeleteAll(folder);
            _file = Create(folder);
            _header = Map(_file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.JournalNotKept(e, folder, e.Message);
            return;
        }

        var threads = GetThreadTable(_header);
        for (var index = JournalLayout.ThreadCapacity - 1; index >= 0; index--)
            _freeThreadEntries.Push((nint)(threads + index));
        if (!CrashSignalRecorder.TryRecordTo(&_header->LastFault))
            logger.CrashHandlerUnavailable();
        _header->ProcessId = Environment.ProcessId;
        Volatile.Write(ref _header->Magic, JournalLayout.Magic);
    }

    /// <summary>Returns the first entry of the table of versions.</summary>
    internal static JournalVersion* GetVersionTable(JournalHeader* header) =>
        (JournalVersion*)((byte*)header + JournalLayout.VersionsOffset);

    /// <summary>Returns the first entry of the table of threads.</summary>
    internal static JournalThread* GetThreadTable(JournalHeader* header) =>
        (JournalThread*)((byte*)header + JournalLayout.ThreadsOffset);

    private static JournalHeader* Map(FileStream file)
    {
        // The memory is never unmapped, because threads may write to their entries after the journal was disposed.
        using var mapped = MemoryMappedFile.CreateFromFile(
            file, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        var view = mapped.CreateViewAccessor();
        byte* memory = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref memory);
        return (JournalHeader*)memory;
    }

    /// <summary>Records that the process is stopping on request. If the process is killed later, no version is blamed.</summary>
    public void MarkStopping()
    {
        if (_header is not null)
            _header->IsStopping = 1;
    }

    /// <summary>The content of the journal file. The file itself is locked while the process runs.</summary>
    internal ReadOnlySpan<byte> Content => new(_header, JournalLayout.Size);

    /// <summary>Deletes the journal, so that the next start reads nothing.</summary>
    public void Dispose()
    {
        if (_file is null)
            return;
        _file.Dispose();
        DeleteIfPossible(_file.Name);
    }

    private static void DeleteIfPossible(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Windows does not delete a mapped file. The next start reads the file, and finds no work in it.
        }
    }

    /// <summary>Adds a version to the journal. If the version has an entry, adds a user to the entry.</summary>
    /// <param name="tag">The store's tag of the version; null for files that no store has listed.</param>
    /// <returns>The entry, which the caller releases; null without a tag, without a journal, or without room in the journal.</returns>
    internal JournaledVersion? Register(ModelId id, string? tag)
    {
        if (_header is null || tag is null)
            return null;
        var key = new VersionKey(new ModelVersion(id, tag, Size: 0));
        lock (_gate)
        {
            if (_versions.TryGetValue(key, out var existing))
            {
                existing.Retain();
                return existing;
            }

            if (!_freeVersionIndexes.TryPop(out var index))
                return null;
            WriteVersion(GetVersionTable(_header) + index, key);
            return _versions[key] = new JournaledVersion(this, key, index, _records.Find(VersionMark.PreparationFailed, key));
        }
    }

    /// <summary>Removes the entry of a version, if the entry has no user.</summary>
    internal void RemoveIfUnused(JournaledVersion version)
    {
        lock (_gate)
        {
            // A load may have retained the entry again after the last user released it.
            if (!version.IsUnused || _versions.GetValueOrDefault(version.Key) != version)
                return;
            _versions.Remove(version.Key);
            _freeVersionIndexes.Push(version.Index);
        }
    }

    /// <summary>Creates an entry for the calling thread; null when there is no room.</summary>
    internal ThreadEntry? AddThread()
    {
        lock (_gate)
            return _freeThreadEntries.TryPop(out var thread) ? new ThreadEntry(this, _header, (JournalThread*)thread) : null;
    }

    /// <summary>Makes the entry of an ended thread available to other threads.</summary>
    internal void ReturnThread(JournalThread* thread)
    {
        lock (_gate)
            _freeThreadEntries.Push((nint)thread);
    }

    private static void WriteVersion(JournalVersion* entry, VersionKey key)
    {
        entry->Number = key.Id.Version;
        Encoding.ASCII.GetBytes(key.FilesHash, new Span<byte>(entry->FilesHash, VersionKey.HashLength));
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
            // Space is allocated now, because a later write to mapped memory without disk space would kill the process.
            PreallocationSize = JournalLayout.Size,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = PrivateFileMode;
        var name = $"{Environment.ProcessId}-{Guid.NewGuid():N}{EndedProcessJournals.Extension}";
        var path = Path.Combine(folder, name);
        var file = new FileStream(path, options);
        try
        {
            file.SetLength(JournalLayout.Size);
            return file;
        }
        catch (Exception e)
        {
            file.Dispose();
            DeleteIfPossible(path);
            // .NET reports a limit for the size of files as a wrong argument.
            if (e is ArgumentOutOfRangeException)
                throw new IOException($"The process may not write a file of {JournalLayout.Size} bytes. Raise its limit (ulimit -f).", e);
            throw;
        }
    }
}
