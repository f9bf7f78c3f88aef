using Inference.Models.Files;

namespace Inference.Onnx.Cache;

/// <summary>
/// Removes files of a <see cref="GraphCache"/> that no load has used for a long time. A process that has loaded a removed file is not
/// affected. A later load creates the file again.
/// </summary>
internal static class GraphCacheSweep
{
    /// <param name="temporaryPrefix">The prefix of the names of files that are being written.</param>
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
            // Another process has the file open. The next sweep tries again.
        }
    }
}
