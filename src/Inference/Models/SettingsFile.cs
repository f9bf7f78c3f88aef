namespace Inference.Models;

/// <summary>A file of settings that stands beside a model's versions.</summary>
/// <param name="Name"><see cref="ModelJson"/> or <see cref="TritonConfig"/>.</param>
public sealed record SettingsFile(string Name, ReadOnlyMemory<byte> Content)
{
    public const string ModelJson = "model.json";

    public const string TritonConfig = "config.pbtxt";

    /// <summary>More is no settings file, and is not read.</summary>
    public const int MaxSize = 1 << 20;

    /// <summary>The names of all kinds.</summary>
    public static IReadOnlyList<string> Names { get; } = [ModelJson, TritonConfig];
}
