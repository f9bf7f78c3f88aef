using System.Text;
using Inference.Crash;
using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx.Crash;

/// <summary>
/// Reads the journals of ended processes, and records the model versions to blame. A version that crashed a process is quarantined, which
/// means that it is not loaded again. If the crash happened during the version's preparation, the version is loaded but not prepared. A
/// kill is weaker evidence than a crash. A version that was being loaded during a kill may have used all memory, so it is quarantined after
/// the second kill in a row. A version that was being prepared during a kill is not prepared again. Versions that were running during a
/// kill are not blamed.
/// </summary>
internal sealed unsafe class EndedProcessJournals(VersionRecords records, TimeProvider time, ILogger logger)
{
    public const string Extension = ".journal";

    /// <summary>
    /// Reads and deletes the journals in a folder. Journals of running processes are not changed. A journal is kept for the next process if
    /// a record could not be written.
    /// </summary>
    public void ReadAndDeleteAll(string folder)
    {
        foreach (var path in Directory.GetFiles(folder, $"*{Extension}"))
        {
            try
            {
                // The lock of the file keeps other processes from reading the same journal. It ends with the file.
                var share = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;
                using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, share, bufferSize: 0);
                var content = new byte[JournalLayout.Size];
                file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
                fixed (byte* memory = content)
                {
                    if (BlameVersions((JournalHeader*)memory, Path.GetFileName(path)))
                        File.Delete(path);
                }
            }
            catch (IOException)
            {
                // The process is alive, or another process is reading the same journal.
            }
        }
    }

    /// <param name="journal">The name of the journal's file.</param>
    /// <returns>Whether all records were written.</returns>
    private bool BlameVersions(JournalHeader* header, string journal)
    {
        // The magic is zero when the process died before it completed the header.
        if (header->Magic != JournalLayout.Magic)
            return true;
        if (FindCrashedWork(header, out var signal) is { } work)
            return RecordCrash(header, work, signal);
        return header->IsStopping != 0 || RecordKilledWork(header, journal);
    }

    /// <summary>Returns the work of the thread that received the signal; null when this thread did not work on a model.</summary>
    private static JournalWork? FindCrashedWork(JournalHeader* header, out int signal)
    {
        signal = (int)(header->LastFault >> 32);
        var threadId = (int)header->LastFault;
        var threads = CrashJournal.GetThreadTable(header);
        for (var i = 0; i < JournalLayout.ThreadCapacity && threadId != 0; i++)
        {
            if (threads[i].Id == threadId && threads[i].Work != 0)
                return new JournalWork(threads[i].Work);
        }

        return null;
    }

    private bool RecordCrash(JournalHeader* header, JournalWork work, int signal)
    {
        if (ReadVersion(header, work) is not { } version)
            return true;
        var reason = $"crashed process {header->ProcessId} ({Signals.Name(signal)})";
        return work.Activity switch
        {
            // The preparation runs generated inputs, which callers may never send. So the version is not quarantined.
            ModelActivity.Preparing => RecordUnprepared(version, $"{reason} during its preparation"),
            ModelActivity.Loading => Quarantine(version, $"{reason} while it loaded"),
            ModelActivity.Unloading => Quarantine(version, $"{reason} while it was unloaded"),
            ModelActivity.Running or ModelActivity.None => Quarantine(version, $"{reason} while it ran"),
            // The journal is damaged.
            _ => true,
        };
    }

    private bool RecordKilledWork(JournalHeader* header, string journal)
    {
        var areRecorded = true;
        var threads = CrashJournal.GetThreadTable(header);
        var seen = new HashSet<JournalWork>();
        for (var i = 0; i < JournalLayout.ThreadCapacity; i++)
        {
            var work = new JournalWork(threads[i].Work);
            if (work.Activity is not (ModelActivity.Loading or ModelActivity.Preparing) || !seen.Add(work))
                continue;
            if (ReadVersion(header, work) is not { } version)
                continue;
            if (work.Activity == ModelActivity.Preparing)
            {
                areRecorded &= RecordUnprepared(version, $"was being prepared when process {header->ProcessId} was killed");
            }
            else if (records.Find(VersionMark.Suspected, version) is not { } suspicion)
            {
                areRecorded &= records.Write(
                    VersionMark.Suspected, version, $"Process {header->ProcessId} was killed while it loaded the version ({journal}).");
            }
            else if (!suspicion.Contains(journal, StringComparison.Ordinal))
            {
                areRecorded &= Quarantine(
                    version, "was being loaded when the process was killed, twice in a row, most likely for lack of memory");
            }
        }

        return areRecorded;
    }

    private bool Quarantine(VersionKey version, string reason)
    {
        var text = Describe(version, reason);
        var isRecorded = records.Write(VersionMark.Quarantined, version, text);
        // The next process reads the journal again if the record was not written, and needs the earlier records then.
        if (isRecorded)
        {
            records.Delete(VersionMark.Suspected, version);
            records.Delete(VersionMark.TrialPassed, version);
        }

        logger.VersionQuarantined(text);
        return isRecorded;
    }

    private bool RecordUnprepared(VersionKey version, string reason)
    {
        var text = Describe(version, reason);
        var isRecorded = records.Write(VersionMark.PreparationFailed, version, text);
        logger.VersionUnprepared(text);
        return isRecorded;
    }

    private string Describe(VersionKey version, string reason) => $"Model {version.Id} {reason} (detected at {time.GetUtcNow():u}).";

    private static VersionKey? ReadVersion(JournalHeader* header, JournalWork work)
    {
        if (work.VersionIndex is < 0 or >= JournalLayout.VersionCapacity)
            return null;
        var entry = CrashJournal.GetVersionTable(header) + work.VersionIndex;
        var length = Math.Clamp(entry->NameLength, 0, ModelName.MaxLength);
        return ModelName.TryParse(Encoding.ASCII.GetString(entry->Name, length), out var name)
            ? new VersionKey(new ModelId(name, entry->Number), Encoding.ASCII.GetString(entry->FilesHash, VersionKey.HashLength))
            : null;
    }
}
