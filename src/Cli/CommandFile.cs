using System.Text;
using Inference;
using Inference.Models.Files;

namespace Cli;

/// <summary>Checks and reads the files that command-line options name.</summary>
internal static class CommandFile
{
    /// <summary>Checks that a file exists, and returns its path.</summary>
    /// <param name="option">The option that names the file, for messages.</param>
    /// <exception cref="CliException">There is no such file.</exception>
    public static string EnsureExists(string path, string option) => Exists(path) ? path : throw CliException.CreateUsageError(
        Directory.Exists(path)
            ? $"\"{path}\", which {option} names, is a folder. Name a file."
            : $"\"{path}\", which {option} names, does not exist.");

    /// <summary>Checks that a file exists, and returns its path. Returns null when <paramref name="path"/> is null.</summary>
    /// <inheritdoc cref="EnsureExists"/>
    public static string? EnsureExistsIfGiven(string? path, string option) => path is null ? null : EnsureExists(path, option);

    /// <summary>Reads a whole file.</summary>
    /// <param name="option">The option that names the file, for messages.</param>
    /// <exception cref="CliException">The file does not exist, or cannot be read.</exception>
    public static async Task<byte[]> ReadAsync(string path, string option, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(EnsureExists(path, option), cancellationToken);
        }
        catch (Exception e) when (FileFailure.Matches(e))
        {
            throw CliException.CreateUsageError(FileFailure.Describe(e, $"\"{path}\", which {option} names,"), e);
        }
    }

    /// <summary>Reads a whole text file in UTF-8.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static async Task<string> ReadTextAsync(string path, string option, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetString(ByteOrderMark.Skip((await ReadAsync(path, option, cancellationToken)).AsSpan()));

    /// <summary>
    /// Checks the path of an output file. Call this before the command starts its work, so that a wrong path does not waste the work.
    /// </summary>
    /// <param name="option">The option that names the file, for messages.</param>
    /// <exception cref="CliException">The path is a folder, or its folder does not exist.</exception>
    public static void ThrowIfNotWritable(string path, string option)
    {
        if (Directory.Exists(path) || Path.GetFileName(path).Length == 0)
            throw CliException.CreateUsageError($"\"{path}\", which {option} names, is a folder. Name a file.");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw CliException.CreateUsageError($"There is no folder {folder} for the file of {option}. Create it.");
    }

    /// <summary>
    /// Whether the path is a file, a pipe or a device, or a link to one of them. <see cref="File.Exists"/> does not suffice, because it is
    /// also true for a broken link. Only the operating system can follow a link such as <c>/dev/stdin</c>.
    /// </summary>
    private static bool Exists(string path) =>
        File.Exists(path) && (!OperatingSystem.IsLinux() || FileStatus.TryRead(path, followsLinks: true, out _));
}
