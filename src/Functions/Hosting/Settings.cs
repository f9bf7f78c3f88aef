using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Functions.Hosting;

/// <summary>The app's own settings, read and checked once at start.</summary>
/// <param name="ModelsSource">Models__Source: a folder, <c>blob:&lt;container&gt;</c> or a container's URI.</param>
/// <param name="CacheDirectory">Models__CacheDirectory: where downloaded models and optimized graphs lie.</param>
/// <param name="MaxBodySize">Http__MaxBodySize: bytes of a request body, 100 MB (the Functions host's own limit) at most.</param>
public sealed record Settings(string ModelsSource, string CacheDirectory, int MaxBodySize)
{
    private const int HostBodyLimit = 100 * 1024 * 1024;

    /// <summary>The models that ship with the executable.</summary>
    public static string EmbeddedModels { get; } = Path.Combine(AppContext.BaseDirectory, "models");

    public static Settings Read(IConfiguration configuration) => new(
        Text(configuration, "Models:Source") ?? EmbeddedModels,
        Text(configuration, "Models:CacheDirectory") ?? Path.Combine(Path.GetTempPath(), $"inference-cache-{Environment.UserName}"),
        ReadMaxBodySize(Text(configuration, "Http:MaxBodySize")));

    private static string? Text(IConfiguration configuration, string key) =>
        configuration[key] is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

    private static int ReadMaxBodySize(string? text)
    {
        if (text is null)
            return HostBodyLimit;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes is > 0 and <= HostBodyLimit)
            return bytes;
        throw new InvalidOperationException($"Http__MaxBodySize is \"{text}\"; it must be a number of bytes from 1 to {HostBodyLimit}.");
    }
}
