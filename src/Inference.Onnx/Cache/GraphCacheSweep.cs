using Inference.Models.Files;

namespace Inference.Onnx.Cache;

/// <summary>
/// Removes files of a <see cref="GraphCache"/> that no load has used for long. A process keeps what it has loaded when the file is removed,
/// and makes the file again when it needs it.
/// </summary>
internal static class GraphCacheSweep
{
    /// <param name="temporaryPrefix">Begins the names of files that are being written.</param>
    public static void Run(string folder, string temporaryPrefix, DateTimeOffset now)
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            var age = now - file.LastWriteTimeUtc;
            if (age > CacheAge.Unused || (age > CacheAge.Abandoned && file.Name.StartsWith(temporaryPrefix, StringComparison.Ordinal)))
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
            // Another process has it open. The next sweep finds it again.
        }
    }
}
