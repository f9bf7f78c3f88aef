using System.IO.Hashing;
using Inference.Models;
using Inference.Models.Files;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx.Cache;

/// <summary>
/// Caches optimized graphs and measured plans on the local disk, in <c>{directory}/optimized</c>, or in <c>optimized-{scope}</c> if there
/// is a <see cref="Scope"/>. <c>{identity}.link</c> contains the key of a model's content (<see cref="CacheKey"/>), and the stamp of the
/// model's external data (<see cref="ExternalFiles"/>). <c>{key}.entry</c> contains the results for that content, and <c>{key}.ort</c>
/// contains the optimized graph. A single rename creates each file, and a graph is created before the entry that refers to the graph. So
/// several processes can share the folder. No failure of the cache fails a load: unreadable files are not used.
/// <see cref="GraphCacheSweep"/> removes files that no load has used for a long time.
/// </summary>
internal sealed class GraphCache
{
    private const UnixFileMode PrivateFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string TemporaryPrefix = ".";

    private readonly string _root;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lazy<bool> _isUsable;
    private int _hasWarned;

    /// <summary>Creates the cache. The folder is created at the first use.</summary>
    public GraphCache(string directory, TimeProvider time, ILogger logger)
    {
        _root = Path.GetFullPath(directory);
        _time = time;
        _logger = logger;
        _isUsable = new Lazy<bool>(TryPrepareFolder);
    }

    /// <summary>
    /// The name of the authority that vouches for the models. The default is the empty name, which means no authority. Results for models
    /// of another scope are not used. Set this before the first use.
    /// </summary>
    public string Scope { get; set; } = "";

    private string Folder => Path.Combine(_root, Scope.Length == 0 ? "optimized" : $"optimized-{Scope}");

    /// <summary>
    /// Returns the identity of a model's files, which is the name of their <c>.link</c> file; null when the cache cannot be used.
    /// </summary>
    public string? Identify(ModelFiles files) => TryAccess(() => GetIdentity(files));

    /// <summary>
    /// Finds the results for a model by the identity that <see cref="Identify"/> returned. Returns null when there are none, or when the
    /// external data have changed.
    /// </summary>
    public CacheEntry? FindByFile(ModelFiles files, string identity) => TryAccess(() =>
        ReadAndMarkUsed(GetPath(identity, ".link"))?.Split(' ') is [var key, var stamp] && CacheKey.IsValid(key)
            && ReadEntry(key) is { } entry
            && ComputeStamp(files, entry) == stamp ? entry : null);

    /// <summary>
    /// Reads all files of a model, and returns the key of their content. Returns null when the model cannot be cached: see
    /// <see cref="CacheKey.TryReadContent"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException"/>
    public ModelContent? ReadContent(string modelPath, CancellationToken cancellationToken) =>
        TryAccess(() => CacheKey.TryReadContent(modelPath, cancellationToken));

    /// <summary>Returns the entry for the key of a model's content; null when there is none.</summary>
    public CacheEntry? FindByContent(string key) => TryAccess(() => ReadEntry(key));

    /// <summary>
    /// Returns the path of the entry's graph; null for an entry without a graph. If the graph is damaged or missing, discards the entry and
    /// the graph, and returns null.
    /// </summary>
    public string? FindGraph(CacheEntry entry) => TryAccess(() =>
    {
        var path = GetPath(entry.Key, ".ort");
        if (entry.GraphHash is not null && File.Exists(path) && ComputeHash(path) == entry.GraphHash)
        {
            CacheAge.MarkUsed(new FileInfo(path), _time.GetUtcNow());
            return path;
        }

        if (entry.GraphHash is not null)
            Discard(entry, "it is damaged or missing");
        return null;
    });

    /// <summary>Returns the path of the entry's file; null when the file does not exist.</summary>
    public string? FindEntryFile(CacheEntry entry) =>
        TryAccess(() => File.Exists(GetPath(entry.Key, ".entry")) ? GetPath(entry.Key, ".entry") : null);

    /// <summary>Deletes an entry and its graph.</summary>
    public void Discard(CacheEntry entry, string reason) => TryAccess(() =>
    {
        _logger.GraphDiscarded(entry.Key, reason);
        File.Delete(GetPath(entry.Key, ".entry"));
        File.Delete(GetPath(entry.Key, ".ort"));
        return entry;
    });

    /// <summary>
    /// Returns a path for a new file; null when the cache cannot be used. The caller passes the file to <see cref="Publish"/> or
    /// <see cref="Delete"/>.
    /// </summary>
    public string? CreateTemporaryPath() => TryAccess(() =>
    {
        Sweep();
        return Path.Combine(Folder, $"{TemporaryPrefix}{Guid.NewGuid():N}");
    });

    /// <summary>
    /// Renames a temporary file to the graph of a model. The caller must then write the returned entry, which refers to the graph.
    /// </summary>
    public CacheEntry? Publish(string temporaryPath, CacheEntry entry) => TryAccess(() =>
    {
        var hash = ComputeHash(temporaryPath);
        using (var file = File.OpenHandle(temporaryPath, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.FlushToDisk(file);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(temporaryPath, PrivateFileMode);
        File.Move(temporaryPath, GetPath(entry.Key, ".ort"), overwrite: true);
        return entry with { GraphHash = hash };
    });

    /// <summary>Writes the results for a model, unless the model's files were replaced after their content was read.</summary>
    /// <param name="identity">The identity that <see cref="Identify"/> returned before the content was read.</param>
    public void Write(CacheEntry entry, ModelFiles files, string identity) => TryAccess(() =>
    {
        // If the files were replaced in the meantime, the results belong to neither the old model nor the new one.
        if (GetIdentity(files) != identity || ComputeStamp(files, entry) is not { } stamp)
            return null;
        WriteText(GetPath(entry.Key, ".entry"), entry.ToString());
        WriteText(GetPath(identity, ".link"), $"{entry.Key} {stamp}");
        Sweep();
        return entry;
    });

    /// <summary>Removes a temporary file, if it still exists. If the deletion fails, a later sweep removes the file as abandoned.</summary>
    public void Delete(string temporaryPath) => TryAccess(() =>
    {
        File.Delete(temporaryPath);
        return temporaryPath;
    });

    private bool TryPrepareFolder()
    {
        try
        {
            if ((PrivateFolder.Ensure(_root) ?? PrivateFolder.Ensure(Folder)) is not { } reason)
                return true;
            Warn($"{reason}: another user could put models into it.", null);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warn(e.Message, e);
            return false;
        }
    }

    private T? TryAccess<T>(Func<T?> access)
        where T : class
    {
        if (!_isUsable.Value)
            return null;
        try
        {
            return access();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warn(e.Message, e);
            return null;
        }
    }

    private void Warn(string reason, Exception? exception)
    {
        if (Interlocked.Exchange(ref _hasWarned, 1) == 0)
            _logger.CacheNotUsed(exception, Folder, reason);
    }

    /// <summary>
    /// Returns the identity of a model's files. The identity of signed files depends on their content, and not on their location.
    /// </summary>
    private static string GetIdentity(ModelFiles files) => files.Digest is { } digest
        ? CacheKey.ForDigest(
            digest, files.Folder is { } folder ? Path.GetRelativePath(folder, files.ModelPath) : ModelVersion.ModelFileName)
        : CacheKey.ForFile(files.ModelPath);

    private static string? ComputeStamp(ModelFiles files, CacheEntry entry) =>
        files.Digest is null ? new ExternalFiles(files.ModelPath, entry.ExternalFileNames).TryComputeStamp() : ExternalFiles.NoStamp;

    private CacheEntry? ReadEntry(string key) =>
        ReadAndMarkUsed(GetPath(key, ".entry")) is { } text && CacheEntry.TryParse(text, out var entry) && entry.Key == key ? entry : null;

    private string? ReadAndMarkUsed(string path)
    {
        if (!File.Exists(path))
            return null;
        CacheAge.MarkUsed(new FileInfo(path), _time.GetUtcNow());
        return File.ReadAllText(path);
    }

    private void WriteText(string path, string text)
    {
        var temporaryPath = Path.Combine(Folder, $"{TemporaryPrefix}{Guid.NewGuid():N}");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = PrivateFileMode;
            using (var file = new FileStream(temporaryPath, options))
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(temporaryPath, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporaryPath);
        }
    }

    private static string ComputeHash(string path)
    {
        // The hash detects damage, not attacks: the owner of the folder is trusted.
        using var file = File.OpenRead(path);
        var hash = new XxHash128();
        hash.Append(file);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private void Sweep() => GraphCacheSweep.Run(Folder, TemporaryPrefix, _time.GetUtcNow());

    private string GetPath(string name, string extension) => Path.Combine(Folder, name + extension);
}
