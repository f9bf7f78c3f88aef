using Inference.Models.Settings;
using Inference.Repository.ModelJson;
using Inference.Repository.Triton;
using Inference.Repository.Trust;

namespace Inference.Repository;

/// <summary>A settings file beside the versions of a model.</summary>
/// <param name="Name">One of <see cref="Names"/>.</param>
public sealed record SettingsFile(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>Bytes. A larger file is not read.</summary>
    public const int MaxSize = 1 << 20;

    /// <summary>
    /// The file that can stand for a whole model: without a model file of its own, a model has version 1 on another server if this file
    /// <see cref="NamesServer"/>.
    /// </summary>
    public const string RemoteModel = ModelSettings.FileName;

    /// <summary>The files that a public key in the server's settings requires a signature of.</summary>
    public static IReadOnlyList<string> Signed { get; } = [ModelSettings.FileName, TritonConfig.FileName];

    public static IReadOnlyList<string> Names { get; } = [.. Signed, VersionsFile.Name, SignedStatement.SettingsFileName];

    /// <summary>
    /// Whether a change of a file beside the versions may change what the settings mean: of one of <see cref="Names"/>, or of a file of
    /// labels.
    /// </summary>
    public static bool IsWatched(string file) => Names.Contains(file) || file.EndsWith(".txt", StringComparison.Ordinal);

    /// <summary>
    /// Whether a <see cref="RemoteModel"/> seems to name a server. A listing does not judge files: a model whose file is wrong is
    /// listed, so that its load can report the problems.
    /// </summary>
    public static bool NamesServer(ReadOnlySpan<byte> content) => content.IndexOf("\"remote\""u8) >= 0;
}
