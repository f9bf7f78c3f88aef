using System.Buffers;
using System.Text;
using Cli.Output;

namespace Cli.Models;

/// <summary>
/// Checks the names of files in the folder of a version. The names are not trusted, because anyone who writes to the store chooses them. An
/// accepted name identifies the same file below the version's folder on every operating system.
/// </summary>
internal static class VersionFileNames
{
    /// <summary>The maximum number of files, so that a store cannot fill a disk with empty files.</summary>
    private const int MaxFiles = 10_000;

    /// <summary>The maximum number of parts in a name: its folders, and the file itself.</summary>
    private const int MaxDepth = 32;

    /// <summary>The maximum length in bytes of the name of a file or folder. Every file system accepts this length.</summary>
    private const int MaxPartSize = 255;

    // Windows does not allow these characters in a file name. U+FFFD replaces bytes that are not UTF-8.
    private static readonly SearchValues<char> Reserved = SearchValues.Create("\\:*?\"<>|\ufffd");

    // The names of devices on Windows, in every folder and with every extension (Microsoft: Naming Files, Paths, and Namespaces).
    private static readonly SearchValues<string> Devices = SearchValues.Create(
        [
            "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
            .. "0123456789¹²³".SelectMany(digit => (string[])[$"COM{digit}", $"LPT{digit}"]),
        ],
        StringComparison.OrdinalIgnoreCase);

    /// <param name="names">The names, relative to the version's folder, with <c>/</c> between folders.</param>
    /// <returns>The problem with the names, as a sentence; null when all names are accepted.</returns>
    public static string? FindProblem(IReadOnlyCollection<string> names)
    {
        if (names.Count > MaxFiles)
            return $"It has {names.Count} files; at most {MaxFiles} are copied.";
        // The keys are normalized paths, compared without case: some file systems treat paths with the same key as one file. A value is
        // the path as listed, and whether that path is a file.
        var paths = new Dictionary<string, (string Path, bool IsFile)>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
        {
            if ((FindProblem(name) ?? FindCollision(name, paths)) is { } reason)
                return $"\"{Printable.EscapeLine(name)}\" is not a valid file name: {reason}.";
        }

        return null;
    }

    private static string? FindProblem(string name)
    {
        var parts = name.Split('/');
        return parts.Length > MaxDepth
            ? $"it has more than {MaxDepth - 1} folders"
            : parts.Select(FindPartProblem).FirstOrDefault(reason => reason is not null);
    }

    private static string? FindPartProblem(string part) => part switch
    {
        "" => "it begins or ends with /, or has // in it",
        "." or ".." => $"it contains the part \"{part}\"",
        _ when part.EnumerateRunes().Any(rune => !Printable.IsPrintable(rune)) => "it has non-printable characters",
        _ when part.AsSpan().ContainsAny(Reserved) => "it has one of \\ : * ? \" < > |, or is not UTF-8",
        _ when part[^1] is '.' or ' ' => "Windows drops a dot or space at the end of a name",
        _ when Devices.Contains(part.Split('.')[0].TrimEnd(' ')) => $"{part} is a device on Windows",
        _ when Encoding.UTF8.GetByteCount(part) > MaxPartSize => $"part of it is longer than {MaxPartSize} bytes",
        _ => null,
    };

    private static string? FindCollision(string name, Dictionary<string, (string Path, bool IsFile)> paths)
    {
        for (var end = name.IndexOf('/'); ; end = name.IndexOf('/', end + 1))
        {
            var isFile = end < 0;
            var path = isFile ? name : name[..end];
            if (!paths.TryAdd(path.Normalize(NormalizationForm.FormC), (path, isFile))
                && paths[path.Normalize(NormalizationForm.FormC)] is var other && (isFile || other != (path, false)))
            {
                return other.Path == path && isFile == other.IsFile
                    ? "it is listed twice"
                    : $"\"{Printable.EscapeLine(other.Path)}\" exists too, and some file systems treat both as one file";
            }

            if (isFile)
                return null;
        }
    }
}
