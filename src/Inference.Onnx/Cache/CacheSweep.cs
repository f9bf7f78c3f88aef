namespace Inference.Onnx.Cache;

/// <summary>
/// Removes what belongs to nothing any more: files that no load has used for long. What a process has loaded it keeps when the file goes,
/// and what is wanted again is made again.
/// </summary>
internal static class CacheSweep
{
    /// <summary>Longer than a model is away between two releases.</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromDays(30);

    /// <summary>Nothing is written for this long: whoever began it is gone.</summary>
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
            // A folder that came with an image and cannot be written is not swept either.
        }
    }

    /// <param name="temporaryPrefix">Begins the names of files that are being written.</param>
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
            // Someone has it open after all: the next sweep finds it again.
        }
    }
}
