using System.Globalization;
using Inference.Azure.Settings;
using Inference.Models;
using Inference.Repository.Trust;
using Microsoft.Extensions.Configuration;

namespace Functions.Hosting.Configuration;

/// <summary>
/// The settings of models, memory and limits, which are read and checked once at start. The classes of access keys, base path, CORS, gRPC,
/// remote servers and predictions read their own settings. <see cref="KnownSettings"/> lists the names of all settings.
/// </summary>
/// <param name="ModelsSource">Models__Source: a folder, <c>blob:&lt;container&gt;</c> or a container's URI.</param>
/// <param name="CacheDirectory">Models__CacheDirectory: the folder of downloaded models and optimized graphs.</param>
/// <param name="ShareOptimized">
/// Models__ShareOptimized: whether optimized graphs and measured plans (threads and batch size) are stored beside the models for other
/// instances.
/// </param>
/// <param name="ReloadInterval">Models__ReloadInterval: the interval between two checks of the store; zero turns reload off.</param>
/// <param name="MemoryBudget">Models__MemoryBudget: the maximum memory of loaded models in bytes.</param>
/// <param name="Trial">
/// Models__Trial: whether a child process loads and runs a model version before this process loads the version for the first time.
/// </param>
/// <param name="Trust">
/// Models__RequireManifest, Models__PublicKey and Models__MinimumVersions: the proof that is required before a version is loaded.
/// </param>
/// <param name="RequestMemoryBudget">Http__MemoryBudget: the maximum memory of all requests and responses together, in bytes.</param>
/// <param name="MaxConnections">Http__MaxConnections: the maximum number of open connections.</param>
/// <param name="MaxBodySize">
/// Http__MaxBodySize: the maximum size of a request body in bytes; at most 100 MiB, the Functions host's own limit.
/// </param>
public sealed record Settings(
    string ModelsSource, string CacheDirectory, bool ShareOptimized, TimeSpan ReloadInterval, long MemoryBudget, bool Trial,
    TrustPolicy Trust,
    long RequestMemoryBudget, int MaxConnections, int MaxBodySize)
{
    /// <summary>The environment variable that sets <see cref="Trial"/>.</summary>
    internal const string TrialSetting = "Models__Trial";

    /// <summary>
    /// The minimum of <see cref="RequestMemoryBudget"/> in bytes: enough for one large request in addition to the part that is reserved for
    /// small requests.
    /// </summary>
    private const long MinRequestMemory = 16 << 20;

    /// <summary>
    /// The part of <see cref="RequestMemoryBudget"/>, in bytes, for each connection in the default of <see cref="MaxConnections"/>. A
    /// connection uses at most half of its part, so that all connections together use at most half of the budget.
    /// </summary>
    private const long ConnectionShare = 256 << 10;

    private const int MaxDefaultConnections = 10_000;

    private const int HostBodyLimit = 100 * 1024 * 1024;

    /// <summary>The folder of the embedded models, which are delivered beside the executable.</summary>
    public static string EmbeddedModels { get; } = Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>Reads the settings, with defaults for missing ones.</summary>
    /// <exception cref="InvalidOperationException">A setting is invalid.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var requestMemory = ReadRequestMemory(GetNonEmpty(configuration, "Http:MemoryBudget"));
        var trust = ReadTrust(GetNonEmpty(configuration, "Models:RequireManifest"), configuration["Models:PublicKey"]) with
        {
            MinimumVersions = ReadMinimumVersions(GetNonEmpty(configuration, "Models:MinimumVersions")),
        };
        return new Settings(
            GetNonEmpty(configuration, "Models:Source") ?? EmbeddedModels,
            GetNonEmpty(configuration, "Models:CacheDirectory")
                ?? Path.Combine(Path.GetTempPath(), $"inference-cache-{Environment.UserName}"),
            ReadShareOptimized(GetNonEmpty(configuration, "Models:ShareOptimized"), trust),
            ReadReloadInterval(GetNonEmpty(configuration, "Models:ReloadInterval")),
            ReadMemoryBudget(GetNonEmpty(configuration, "Models:MemoryBudget")),
            ReadSwitch(TrialSetting, GetNonEmpty(configuration, "Models:Trial")),
            trust,
            RequestMemoryBudget: requestMemory,
            MaxConnections: ReadInteger("Http__MaxConnections", GetNonEmpty(configuration, "Http:MaxConnections"), int.MaxValue)
                ?? (int)Math.Min(MaxDefaultConnections, requestMemory / ConnectionShare),
            MaxBodySize: ReadInteger("Http__MaxBodySize", GetNonEmpty(configuration, "Http:MaxBodySize"), HostBodyLimit) ?? HostBodyLimit);
    }

    /// <summary>
    /// Throws when Models__Source is a folder that does not exist, because every request would fail with the same error. Does not throw for
    /// a missing folder of embedded models, because this folder is only the default.
    /// </summary>
    /// <exception cref="InvalidOperationException">The folder does not exist or is a file. The message says what to do.</exception>
    public void ThrowIfSourceIsMissing()
    {
        if (ModelsSource == EmbeddedModels || BlobModelStoreFactory.Handles(ModelsSource) || Directory.Exists(ModelsSource))
            return;
        var (path, isFile) = (Path.GetFullPath(ModelsSource), File.Exists(ModelsSource));
        throw new InvalidOperationException(
            $"Models__Source is \"{ModelsSource}\", and {path} {(isFile ? "is a file, not a folder" : "does not exist")}. "
            + "Set Models__Source to a folder with <model>/<version>/model.onnx in it"
            + (isFile ? "." : ", or create the folder. A blob container is written blob:<container>."));
    }

    private static string? GetNonEmpty(IConfiguration configuration, string key) =>
        configuration[key] is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

    private static bool ReadShareOptimized(string? text, TrustPolicy trust)
    {
        var isShared = ReadSwitch("Models__ShareOptimized", text);
        if (isShared && (trust.RequireManifest || trust.PublicKeyPem is not null))
        {
            throw new InvalidOperationException(
                "Models__ShareOptimized cannot be set together with Models__RequireManifest or Models__PublicKey: manifests do not cover "
                + "a shared graph.");
        }

        return isShared;
    }

    private static bool ReadSwitch(string setting, string? text)
    {
        if (text is null)
            return false;
        return bool.TryParse(text, out var value)
            ? value
            : throw new InvalidOperationException($"{setting} is \"{text}\"; it must be true or false.");
    }

    private static TimeSpan ReadReloadInterval(string? text)
    {
        if (text is null)
            return TimeSpan.FromSeconds(30);
        // Every number without a colon except 0 is refused, because TimeSpan would read it as days.
        if (text == "0")
            return TimeSpan.Zero;
        if (text.Contains(':', StringComparison.Ordinal)
            && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval)
            && (interval == TimeSpan.Zero || (interval >= TimeSpan.FromSeconds(1) && interval <= TimeSpan.FromDays(1))))
        {
            return interval;
        }

        throw new InvalidOperationException(
            $"Models__ReloadInterval is \"{text}\"; it must be a time span from 00:00:01 to 1.00:00:00, or 0 to turn reload off.");
    }

    private static long ReadMemoryBudget(string? text)
    {
        if (text is null)
            return GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
        return ByteSize.TryParse(text, out var bytes) && bytes > 0
            ? bytes
            : throw new InvalidOperationException(
                $"Models__MemoryBudget is \"{text}\"; it must be a number of bytes, with or without KiB, MiB or GiB, such as 2GiB.");
    }

    private static long ReadRequestMemory(string? text)
    {
        if (text is null)
            return Math.Max(MinRequestMemory, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        return ByteSize.TryParse(text, out var bytes) && bytes >= MinRequestMemory
            ? bytes
            : throw new InvalidOperationException(
                $"Http__MemoryBudget is \"{text}\"; it must be at least 16MiB: a number of bytes, with or without KiB, MiB or GiB.");
    }

    /// <summary>Reads a whole number from 1 to a maximum; null for a missing setting.</summary>
    private static int? ReadInteger(string setting, string? text, int max)
    {
        if (text is null)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= max
            ? number
            : throw new InvalidOperationException($"{setting} is \"{text}\"; it must be a whole number from 1 to {max}.");
    }

    private static TrustPolicy ReadTrust(string? requireManifest, string? publicKey)
    {
        var requiresManifest = ReadSwitch("Models__RequireManifest", requireManifest);
        if (publicKey is null)
            return new TrustPolicy(requiresManifest, PublicKeyPem: null);
        // An empty key may come from a missing secret. Ignoring the empty key would allow models without a signature.
        if (string.IsNullOrWhiteSpace(publicKey))
        {
            throw new InvalidOperationException(
                "Models__PublicKey is empty. Set it to a public key in PEM or to the path of a file with one. Remove it to load models "
                + "without signatures.");
        }

        try
        {
            var pem = publicKey.Contains("-----BEGIN", StringComparison.Ordinal) ? publicKey : File.ReadAllText(publicKey);
            EcdsaSignature.ThrowIfInvalidKey(pem);
            return new TrustPolicy(requiresManifest, pem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidOperationException($"Models__PublicKey must be a public key in PEM, or the path of a file with one: {e.Message}", e);
        }
    }

    private static Dictionary<ModelName, long> ReadMinimumVersions(string? text)
    {
        var minimums = new Dictionary<ModelName, long>();
        foreach (var part in text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            if (part.Split('=', StringSplitOptions.TrimEntries) is not [var model, var number]
                || !ModelName.TryParse(model, out var name) || number.Length == 0 || !ModelVersion.TryParseNumber(number, out var version))
            {
                throw new InvalidOperationException(
                    $"Models__MinimumVersions has \"{part}\"; it must be the names of models with their lowest versions, such as "
                    + "iris=7,digits=2.");
            }

            if (!minimums.TryAdd(name, version))
                throw new InvalidOperationException($"Models__MinimumVersions has model \"{name}\" twice. Name each model once.");
        }

        return minimums;
    }
}
