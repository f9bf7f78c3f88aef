using Inference.Models.Settings;
using Inference.Models.Settings.Triton;

namespace Inference.Models;

/// <summary>A file of settings that stands beside a model's versions.</summary>
/// <param name="Name">One of <see cref="Names"/>.</param>
public sealed record SettingsFile(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>More is no settings file, and is not read.</summary>
    public const int MaxSize = 1 << 20;

    /// <summary>
    /// The one that can be a whole model: a model without a version's folder or file is version 1 of what another server has, if this
    /// file <see cref="NamesServer"/>.
    /// </summary>
    public const string RemoteModel = ModelSettingsReader.FileName;

    public static IReadOnlyList<string> Names { get; } = [ModelSettingsReader.FileName, TritonConfig.FileName];

    public static bool IsRemote(ModelFiles files) => Path.GetFileName(files.ModelPath) == RemoteModel;

    /// <summary>
    /// Whether a <see cref="RemoteModel"/> seems to name a server. A listing is no place to judge a file: one that says it wrongly is
    /// listed, so that its load can tell what is wrong.
    /// </summary>
    public static bool NamesServer(ReadOnlySpan<byte> content) => content.IndexOf("\"remote\""u8) >= 0;
}
