namespace Cli;

/// <summary>Finds the files that options name.</summary>
internal static class CommandFile
{
    /// <summary>Checks that a file exists, and returns its path.</summary>
    /// <param name="option">The option that names the file, for messages.</param>
    /// <exception cref="CliException">There is no such file.</exception>
    public static string Find(string path, string option) => File.Exists(path) ? path : throw CliException.CreateUsageError(
        Directory.Exists(path)
            ? $"{path}, which {option} names, is a folder. Name a file."
            : $"There is no file {path}, which {option} names.");

    /// <summary>Checks that a file exists, and returns its path; null without a path.</summary>
    /// <param name="option">The option that names the file, for messages.</param>
    /// <exception cref="CliException">There is no such file.</exception>
    public static string? FindOptional(string? path, string option) => path is null ? null : Find(path, option);

    /// <summary>Checks a file that is written when the command ends, before the command begins.</summary>
    /// <param name="option">The option that names the file, for messages.</param>
    /// <exception cref="CliException">The file cannot be created.</exception>
    public static void ThrowIfNotWritable(string path, string option)
    {
        if (Directory.Exists(path) || Path.GetFileName(path).Length == 0)
            throw CliException.CreateUsageError($"\"{path}\", which {option} names, is a folder. Name a file.");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw CliException.CreateUsageError($"There is no folder {folder} for the file of {option}. Create it.");
    }
}
