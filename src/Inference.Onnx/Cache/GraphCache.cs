using System.IO.Hashing;
using Inference.Models;
using Inference.Models.Files;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx.Cache;

/// <summary>
/// Optimized graphs and measured plans on local disk, in <c>{directory}/optimized</c>, or <c>optimized-{scope}</c> of what vouches for
/// models: <c>{file}.link</c> holds the key of the model that lies in a file and the stamp of its external data, <c>{key}.entry</c> what is
/// known of that model, and <c>{key}.ort</c> its optimized graph. Every file appears by one rename, the graph before the entry that vouches
/// for it, so any number of processes may share the folder. Nothing here fails a load: what cannot be read or written is not used. What no
/// load has used for long is removed (<see cref="GraphCacheSweep"/>).
/// </summary>
internal sealed class GraphCache
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string TemporaryPrefix = ".";

    private readonly string _root;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lazy<bool> _usable;
    private int _warned;

    public GraphCache(string directory, TimeProvider time, ILogger logger)
    {
        _root = Path.GetFullPath(directory);
        _time = time;
        _logger = logger;
        _usable = new Lazy<bool>(Prepare);
    }

    /// <summary>
    /// Names what vouches for the models: results of models that another scope let in are not used. Empty when nothing vouches for them. It
    /// is set before the first use.
    /// </summary>
    public string Scope { get; set; } = "";

    private string Folder => Path.Combine(_root, Scope.Length == 0 ? "optimized" : $"optimized-{Scope}");

    /// <summary>The name of a model's files in the cache; null when there is no cache to use.</summary>
    public string? Identify(ModelFiles files) => Guard(() => NameOf(files));

    /// <summary>
    /// What is known of the model in files that <see cref="Identify"/> named, if its external data have not changed either.
    /// </summary>
    public CacheEntry? FindByFile(ModelFiles files, string identity) => Guard(() =>
        ReadUsed(PathOf(identity, ".link"))?.Split(' ') is [var key, var stamp] && CacheKey.IsValid(key) && ReadEntry(key) is { } entry
            && StampOf(files, entry) == stamp ? entry : null);

    /// <summary>The content of the model, wherever it lies; null when it cannot be kept: see <see cref="CacheKey.OfContent"/>.</summary>
    /// <exception cref="OperationCanceledException"/>
    public ModelContent? ReadContent(string modelPath, CancellationToken cancellationToken) =>
        Guard(() => CacheKey.OfContent(modelPath, cancellationToken));

    /// <summary>Returns the entry for a model by its content.</summary>
    public CacheEntry? FindByContent(string key) => Guard(() => ReadEntry(key));

    /// <summary>The file of the entry's graph, when it is what was written; else both are thrown away.</summary>
    public string? FindGraph(CacheEntry entry) => Guard(() =>
    {
        var path = PathOf(entry.Key, ".ort");
        if (entry.GraphHash is not null && File.Exists(path) && HashOf(path) == entry.GraphHash)
        {
            CacheAge.MarkUsed(new FileInfo(path), _time.GetUtcNow());
            return path;
        }

        if (entry.GraphHash is not null)
            Discard(entry, "it is damaged or gone");
        return null;
    });

    /// <summary>The file in which the entry is kept; null when it is not.</summary>
    public string? FindEntryFile(CacheEntry entry) =>
        Guard(() => File.Exists(PathOf(entry.Key, ".entry")) ? PathOf(entry.Key, ".entry") : null);

    public void Discard(CacheEntry entry, string reason) => Guard(() =>
    {
        _logger.GraphDiscarded(entry.Key, reason);
        File.Delete(PathOf(entry.Key, ".entry"));
        File.Delete(PathOf(entry.Key, ".ort"));
        return entry;
    });

    /// <summary>A name for a file to be made; it becomes the graph by <see cref="Publish"/>, or is deleted by its maker.</summary>
    public string? TemporaryPath() => Guard(() =>
    {
        Sweep();
        return Path.Combine(Folder, $"{TemporaryPrefix}{Guid.NewGuid():N}");
    });

    /// <summary>Makes a file the model's graph. The entry that names it is still to be written.</summary>
    public CacheEntry? Publish(string temporary, CacheEntry entry) => Guard(() =>
    {
        var hash = HashOf(temporary);
        using (var file = File.OpenHandle(temporary, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.FlushToDisk(file);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(temporary, Private);
        File.Move(temporary, PathOf(entry.Key, ".ort"), overwrite: true);
        return entry with { GraphHash = hash };
    });

    /// <param name="identity">The name of the files in the cache before anything was read from them.</param>
    public void Write(CacheEntry entry, ModelFiles files, string identity) => Guard(() =>
    {
        // Replaced meanwhile: what was made belongs to neither the old model nor the new one.
        if (NameOf(files) != identity || StampOf(files, entry) is not { } stamp)
            return null;
        WriteText(PathOf(entry.Key, ".entry"), entry.ToString());
        WriteText(PathOf(identity, ".link"), $"{entry.Key} {stamp}");
        Sweep();
        return entry;
    });

    /// <summary>
    /// Removes a temporary file, if it is still there. What cannot be removed now is removed when it counts as abandoned.
    /// </summary>
    public void Delete(string temporary) => Guard(() =>
    {
        File.Delete(temporary);
        return temporary;
    });

    private bool Prepare()
    {
        try
        {
            if ((PrivateFolder.Ensure(_root) ?? PrivateFolder.Ensure(Folder)) is not { } reason)
                return true;
            Warn($"{reason}, who could plant models in it.", null);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warn(e.Message, e);
            return false;
        }
    }

    private T? Guard<T>(Func<T?> access)
        where T : class
    {
        if (!_usable.Value)
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
        if (Interlocked.Exchange(ref _warned, 1) == 0)
            _logger.CacheNotUsed(exception, Folder, reason);
    }

    /// <summary>Files that a signer vouches for have the name of their content, wherever they lie.</summary>
    private static string NameOf(ModelFiles files) => files.Digest is { } digest
        ? CacheKey.OfDigest(digest, files.Folder is { } folder ? Path.GetRelativePath(folder, files.ModelPath) : ModelVersion.ModelFileName)
        : CacheKey.OfFile(files.ModelPath);

    private static string? StampOf(ModelFiles files, CacheEntry entry) =>
        files.Digest is null ? new ExternalFiles(files.ModelPath, entry.ExternalFiles).Stamp() : ExternalFiles.NoStamp;

    private CacheEntry? ReadEntry(string key) =>
        ReadUsed(PathOf(key, ".entry")) is { } text && CacheEntry.TryParse(text, out var entry) && entry.Key == key ? entry : null;

    private string? ReadUsed(string path)
    {
        if (!File.Exists(path))
            return null;
        CacheAge.MarkUsed(new FileInfo(path), _time.GetUtcNow());
        return File.ReadAllText(path);
    }

    private void WriteText(string path, string text)
    {
        var temporary = Path.Combine(Folder, $"{TemporaryPrefix}{Guid.NewGuid():N}");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = Private;
            using (var file = new FileStream(temporary, options))
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static string HashOf(string path)
    {
        // Against damage; the folder's owner is who is trusted.
        using var file = File.OpenRead(path);
        var hash = new XxHash128();
        hash.Append(file);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private void Sweep() => GraphCacheSweep.Run(Folder, TemporaryPrefix, _time.GetUtcNow());

    private string PathOf(string name, string extension) => Path.Combine(Folder, name + extension);
}
