using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.ModelJson;
using Inference.Repository.Triton;
using Inference.Repository.Trust;

namespace Inference.Repository;

/// <summary>A settings file in the folder of a model.</summary>
/// <param name="Name">One of <see cref="Names"/>.</param>
public sealed record SettingsFile(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>The maximum size of a file in bytes. A larger file is not read.</summary>
    public const int MaxSize = 1 << 20;

    /// <summary>
    /// The settings file that can replace a model file. A model without a model file has version 1 if this file names a remote
    /// server (<see cref="HasRemoteKey"/>). The remote server runs this version.
    /// </summary>
    public const string RemoteModelFileName = ModelSettings.FileName;

    /// <summary>The files that need a signature when the server's settings contain a public key.</summary>
    public static IReadOnlyList<string> Signed { get; } = [ModelSettings.FileName, TritonConfig.FileName];

    /// <summary>The names of all settings files.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Signed, VersionsFile.Name, SignedStatement.SettingsFileName];

    /// <summary>Describes a folder that has the name of a settings file.</summary>
    public static string DescribeFolder(ModelName model, string file) =>
        $"\"{model}/{file}\" is a folder; a file is expected. Remove the folder, or put the file in its place.";

    /// <summary>Creates the error for a file that is larger than <see cref="MaxSize"/>.</summary>
    /// <param name="file">The file with its location, as the subject of the message.</param>
    public static InferenceException CreateTooLargeError(string file) =>
        new(InferenceError.ModelUnavailable, $"{file} is larger than {MaxSize} bytes, the maximum for settings.")
        {
            LastsUntilFilesChange = true,
            Cause = FailureCause.Settings,
        };

    /// <summary>
    /// Whether a change of the file can change the meaning of the settings. True for the settings files, and for text files, which can be
    /// label files.
    /// </summary>
    public static bool IsWatched(string file) => Names.Contains(file) || file.EndsWith(".txt", StringComparison.Ordinal);

    /// <summary>
    /// Whether the content of a <see cref="RemoteModelFileName"/> seems to name a server. A listing does not check files: a model with an
    /// invalid file is listed, so that its load can report the problems.
    /// </summary>
    public static bool HasRemoteKey(ReadOnlySpan<byte> content) => content.IndexOf("\"remote\""u8) >= 0;
}
