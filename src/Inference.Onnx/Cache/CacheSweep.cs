namespace Inference.Onnx.Cache;

/// <summary>
/// Removes cache files that no load has used for long. A process keeps what it has loaded, and a file that is needed again is created
/// again.
/// </summary>
internal static class CacheSweep
{
    /// <summary>The age of unused files, longer than a model is absent between two releases.</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromDays(30);

    /// <summary>The age of abandoned temporary files. No write takes this long, so the writer has ended.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <summary>Marks a file as used now.</summary>
    public static void Use(string path, DateTimeOffset now)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, now.UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A read-only folder, such as that of an image, is not swept either.
        }
    }

    /// <param name="temporaryPrefix">The start of the names of files that are being written.</param>
    public static void Run(string folder, string temporaryPrefix, DateTimeOffset now)
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            var age = now - file.LastWriteTimeUtc;
            if (age > Unused || (age > Abandoned && file.Name.StartsWith(temporaryPrefix, StringComparison.Ordinal)))
                TryDelete(file);
        }
    }

    private static void TryDelete(FileInfo file)
    {
        try
        {
            file.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process has the file open. The next sweep finds it again.
        }
    }
}
