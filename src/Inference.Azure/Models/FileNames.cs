using System.Buffers;

namespace Inference.Azure.Models;

/// <summary>
/// Which blob names may become file names. A blob name is whatever its uploader wrote, so one that could name a file
/// outside the folder it is downloaded to, on any operating system, is refused.
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
