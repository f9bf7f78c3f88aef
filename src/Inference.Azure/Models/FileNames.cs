using System.Buffers;

namespace Inference.Azure.Models;

/// <summary>
/// Decides which blob names may become file names. An uploader can choose any blob name. Names that would lead out of the download folder
/// on any operating system are refused.
/// </summary>
internal static class FileNames
{
    // A colon names a drive or an alternate stream on Windows.
    private static readonly SearchValues<char> Refused = SearchValues.Create('\\', ':');

    public static bool IsSafe(string relativeName) =>
        relativeName.Length > 0
        && !relativeName.AsSpan().ContainsAny(Refused)
        && !relativeName.Any(char.IsControl)
        && relativeName.Split('/').All(segment => segment is not ("" or "." or ".."));
}
