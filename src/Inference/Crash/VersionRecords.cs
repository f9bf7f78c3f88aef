using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Inference.Models;
using Inference.Models.Files;
using Microsoft.Extensions.Logging;

namespace Inference.Crash;

/// <summary>
/// The records of earlier loads and runs of versions. Each mark of a version is a small file in <c>{directory}/versions</c>, named
/// <c>{model}.{version}.{files}.{mark}</c>, with the reason as its content. <c>{files}</c> is the <see cref="VersionKey.FilesHash"/>. For
/// example, <c>resnet.2.{files}.quarantined</c> quarantines version 2 of a model. All processes that share the directory honour the marks.
/// This process keeps a mark in memory if it cannot write the mark's file.
/// </summary>
public sealed class VersionRecords
{
    /// <summary>The start of the names of temporary files. No model name begins with this text.</summary>
    private const string TemporaryPrefix = ".";

    /// <summary>
    /// The age at which unused records are deleted. No version is expected to return after so long a time.
    /// </summary>
    private static readonly TimeSpan UnusedAge = TimeSpan.FromDays(90);

    private readonly string _root;
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lazy<bool> _isUsable;

    /// <summary>The reasons of the marks whose files could not be written, for example because the disk is full.</summary>
    private readonly ConcurrentDictionary<(VersionMark Mark, VersionKey Version), string> _unwritten = [];

    /// <param name="directory">The directory of the records. The first use creates the directory.</param>
    public VersionRecords(string directory, TimeProvider time, ILogger<VersionRecords> logger)
    {
        _root = Path.GetFullPath(directory);
        _folder = Path.Combine(_root, "versions");
        (_time, _logger) = (time, logger);
        _isUsable = new Lazy<bool>(TryPrepareFolder);
    }

    /// <summary>Returns the reason of a mark; null for a version without the mark.</summary>
    public string? Find(VersionMark mark, VersionKey version)
    {
        if (_unwritten.TryGetValue((mark, version), out var unwritten))
            return unwritten;
        var path = GetPath(mark, version);
        if (!_isUsable.Value || !File.Exists(path))
            return null;
        string? reason = null;
        RunAndLogFailure(() =>
        {
            reason = File.ReadAllText(path);
            // The new write time shows that the record is in use, so that it is not deleted.
            File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
        });
        // An unreadable file still marks the version.
        return reason ?? "The record of the reason cannot be read.";
    }

    /// <summary>Marks a version, and replaces an existing mark of the same kind.</summary>
    /// <param name="reason">The reason for operators, with the time.</param>
    /// <returns>Whether the mark is in a file. If not, only this process knows the mark.</returns>
    public bool Write(VersionMark mark, VersionKey version, string reason)
    {
        var isWritten = false;
        RunAndLogFailure(() =>
        {
            if (!_isUsable.Value)
                return;
            WriteFile(GetPath(mark, version), reason);
            isWritten = true;
        });
        if (isWritten)
            _unwritten.TryRemove((mark, version), out _);
        else
            _unwritten[(mark, version)] = reason;
        return isWritten;
    }

    /// <summary>Removes a mark, if the version has it.</summary>
    public void Delete(VersionMark mark, VersionKey version)
    {
        _unwritten.TryRemove((mark, version), out _);
        if (_isUsable.Value && GetPath(mark, version) is var path && File.Exists(path))
            RunAndLogFailure(() => File.Delete(path));
    }

    /// <summary>Deletes the marks that prevent versions of a model from being loaded or prepared.</summary>
    /// <returns>Whether a mark was deleted.</returns>
    public bool DeleteBlockingMarks(ModelName name)
    {
        var isDeleted = false;
        foreach (var key in _unwritten.Keys)
            isDeleted |= key.Version.Id.Name == name && key.Mark != VersionMark.TrialPassed && _unwritten.TryRemove(key, out _);
        RunAndLogFailure(() =>
        {
            foreach (var path in _isUsable.Value ? Directory.GetFiles(_folder, $"{name}.*") : [])
            {
                // A model name may contain dots. Three more dots follow the name.
                var parts = Path.GetFileName(path).Split('.');
                if (parts.Length < 4 || string.Join('.', parts[..^3]) != name.Value || parts[^1] == GetExtension(VersionMark.TrialPassed))
                    continue;
                File.Delete(path);
                isDeleted = true;
            }
        });
        return isDeleted;
    }

    private static string GetExtension(VersionMark mark) => mark switch
    {
        VersionMark.Quarantined => "quarantined",
        VersionMark.Suspected => "suspected",
        VersionMark.PreparationFailed => "unprepared",
        VersionMark.TrialPassed => "proven",
    };

    /// <summary>Writes a file in one step, so that another process never reads a part of it.</summary>
    private void WriteFile(string path, string content)
    {
        var temporary = Path.Combine(_folder, $"{TemporaryPrefix}{Guid.NewGuid():N}");
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(Encoding.UTF8.GetBytes(content));
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private string GetPath(VersionMark mark, VersionKey version)
    {
        var (id, extension) = (version.Id, GetExtension(mark));
        return Path.Combine(
            _folder, string.Create(CultureInfo.InvariantCulture, $"{id.Name}.{id.Version}.{version.FilesHash}.{extension}"));
    }

    /// <summary>Creates the folder and deletes old records. Returns false when the folder cannot be used.</summary>
    private bool TryPrepareFolder()
    {
        var isUsable = false;
        RunAndLogFailure(() =>
        {
            if ((PrivateFolder.Ensure(_root) ?? PrivateFolder.Ensure(_folder)) is { } reason)
            {
                _logger.RecordsNotKept(null, _folder, $"{reason}.");
                return;
            }

            var now = _time.GetUtcNow();
            foreach (var file in new DirectoryInfo(_folder).EnumerateFiles().Where(file => now - file.LastWriteTimeUtc > UnusedAge))
                file.Delete();
            isUsable = true;
        });
        return isUsable;
    }

    private void RunAndLogFailure(Action access)
    {
        try
        {
            access();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.RecordsNotKept(e, _folder, e.Message);
        }
    }
}
