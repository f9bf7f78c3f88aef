using Inference.Models.Settings;
using Inference.Models.Settings.Triton;

namespace Inference.Models;

/// <summary>A file of settings that stands beside a model's versions.</summary>
/// <param name="Name">One of <see cref="Names"/>.</param>
public sealed record SettingsFile(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>More is no settings file, and is not read.</summary>
    public const int MaxSize = 1 << 20;

    public static IReadOnlyList<string> Names { get; } = [ModelSettingsReader.FileName, TritonConfig.FileName];
}
