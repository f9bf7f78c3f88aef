using System.Text.RegularExpressions;

namespace Cli;

/// <summary>
/// Describes failures of files and folders in sentences that begin with the path. The messages of .NET name the file at the end, and
/// have a different wording for each operation.
/// </summary>
internal static partial class FileFailure
{
    /// <summary>Whether an exception is the failure of a file or folder.</summary>
    public static bool Matches(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Describes a failure. The description of a missing permission also says what to do.</summary>
    /// <param name="subject">
    /// The subject of the sentence, such as <c>"x.csv", which --file names,</c>. Null to use the path in the message of the exception.
    /// </param>
    public static string Describe(Exception failure, string? subject = null)
    {
        var match = MessagePattern().Match(failure.Message);
        if (subject is null && !match.Success)
            return failure.Message;
        subject ??= $"\"{OutputFile.GetFinalPath(match.Groups["path"].Value)}\"";
        return failure switch
        {
            FileNotFoundException or DirectoryNotFoundException => $"{subject} does not exist.",
            // .NET throws the same exception for a folder without permission and for a folder in place of a file.
            UnauthorizedAccessException when Directory.Exists(match.Groups["path"].Value) =>
                $"{subject} is a folder that cannot be used. Check its permissions, and whether a file is expected there.",
            UnauthorizedAccessException =>
                $"{subject} cannot be used, because you have no permission. Change its permissions, or run the command as another user.",
            _ when failure.Message.EndsWith("already exists.", StringComparison.Ordinal) => $"{subject} already exists.",
            _ when match.Groups["reason"] is { Success: true } reason => $"{subject} cannot be used: {reason.Value}.",
            _ => $"{subject} cannot be used: {failure.Message}",
        };
    }

    /// <summary>
    /// Matches a message of .NET with a path. For an error that .NET does not know, the path follows the operating system's reason.
    /// </summary>
    [GeneratedRegex("""^(?:(?<reason>[^'":]+) : '(?<path>.*)'|[^'"]*(?<quote>['"])(?<path>.*)\k<quote>)""", RegexOptions.Singleline)]
    private static partial Regex MessagePattern();
}
