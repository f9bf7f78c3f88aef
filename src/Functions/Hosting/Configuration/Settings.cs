using System.Globalization;
using Inference.Azure.Settings;
using Inference.Models;
using Inference.Repository.Trust;
using Microsoft.Extensions.Configuration;

namespace Functions.Hosting.Configuration;

/// <summary>
/// The settings of models, memory and limits, which are read and checked once at start. <see cref="KnownSettings"/> defines their keys. The
/// classes of access keys, base path, CORS, gRPC, remote servers and predictions read their own settings.
/// </summary>
public sealed record Settings
{
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

    /// <summary>A folder, <c>blob:&lt;container&gt;</c> or a container's URI.</summary>
    public required string ModelsSource { get; init; }

    /// <summary>The folder of downloaded models and optimized graphs.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>
    /// Whether optimized graphs and measured plans (threads and batch size) are stored beside the models for other instances.
    /// </summary>
    public required bool ShareOptimized { get; init; }

    /// <summary>The interval between two checks of the store; zero turns reload off.</summary>
    public required TimeSpan ReloadInterval { get; init; }

    /// <summary>The maximum memory of loaded models in bytes.</summary>
    public required long MemoryBudget { get; init; }

    /// <summary>
    /// Whether a child process loads and runs a model version before this process loads the version for the first time.
    /// </summary>
    public required bool Trial { get; init; }

    /// <summary>The proof that is required before a version is loaded.</summary>
    public required TrustPolicy Trust { get; init; }

    /// <summary>The maximum memory of all requests and responses together, in bytes.</summary>
    public required long RequestMemoryBudget { get; init; }

    /// <summary>The maximum number of open connections.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>The maximum size of a request body in bytes; at most 100 MiB, the Functions host's own limit.</summary>
    public required int MaxBodySize { get; init; }

    /// <summary>Reads the settings, with defaults for missing ones.</summary>
    /// <exception cref="InvalidOperationException">A setting is invalid.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var availableMemory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var requestMemory = KnownSettings.RequestMemoryBudget.ReadBytes(configuration, MinRequestMemory)
            ?? Math.Max(MinRequestMemory, availableMemory / 4);
        var trust = new TrustPolicy(
            KnownSettings.RequireManifest.ReadSwitch(configuration), ReadPublicKey(configuration[KnownSettings.PublicKey.Key]))
        {
            MinimumVersions = ReadMinimumVersions(KnownSettings.MinimumVersions.ReadText(configuration)),
        };
        var shareOptimized = KnownSettings.ShareOptimized.ReadSwitch(configuration);
        if (shareOptimized && trust.IsStrict)
        {
            throw new InvalidOperationException(
                $"{KnownSettings.ShareOptimized} cannot be set together with {KnownSettings.RequireManifest} or {KnownSettings.PublicKey}: "
                + "manifests do not cover a shared graph.");
        }

        return new Settings
        {
            ModelsSource = KnownSettings.ModelsSource.ReadText(configuration) ?? EmbeddedModels,
            CacheDirectory = KnownSettings.CacheDirectory.ReadText(configuration)
                ?? Path.Combine(Path.GetTempPath(), $"inference-cache-{Environment.UserName}"),
            ShareOptimized = shareOptimized,
            ReloadInterval = ReadReloadInterval(KnownSettings.ReloadInterval.ReadText(configuration)),
            MemoryBudget = KnownSettings.MemoryBudget.ReadBytes(configuration, min: 1) ?? availableMemory / 2,
            Trial = KnownSettings.Trial.ReadSwitch(configuration),
            Trust = trust,
            RequestMemoryBudget = requestMemory,
            MaxConnections = KnownSettings.MaxConnections.ReadInteger(configuration, min: 1, int.MaxValue)
                ?? (int)Math.Min(MaxDefaultConnections, requestMemory / ConnectionShare),
            MaxBodySize = (int)(KnownSettings.MaxBodySize.ReadBytes(configuration, min: 1, HostBodyLimit) ?? HostBodyLimit),
        };
    }

    /// <summary>
    /// Throws when <see cref="ModelsSource"/> is a folder that does not exist, because every request would fail with the same error. Does
    /// not throw for a missing folder of embedded models, because this folder is only the default.
    /// </summary>
    /// <exception cref="InvalidOperationException">The folder does not exist or is a file. The message says what to do.</exception>
    public void ThrowIfSourceIsMissing()
    {
        if (ModelsSource == EmbeddedModels || BlobModelStoreFactory.Handles(ModelsSource) || Directory.Exists(ModelsSource))
            return;
        var (path, isFile) = (Path.GetFullPath(ModelsSource), File.Exists(ModelsSource));
        throw new InvalidOperationException(
            $"{KnownSettings.ModelsSource} is \"{ModelsSource}\", and {path} {(isFile ? "is a file, not a folder" : "does not exist")}. "
            + $"Set {KnownSettings.ModelsSource} to a folder with <model>/<version>/model.onnx in it"
            + (isFile ? "." : ", or create the folder. A blob container is written blob:<container>."));
    }

    private static TimeSpan ReadReloadInterval(string? text)
    {
        if (text is null)
            return TimeSpan.FromSeconds(30);
        // Every number without a colon except 0 is refused, because TimeSpan would read it as days.
        return (text == "0" || text.Contains(':', StringComparison.Ordinal))
            && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval)
            && (interval == TimeSpan.Zero || (interval >= TimeSpan.FromSeconds(1) && interval <= TimeSpan.FromDays(1)))
            ? interval
            : throw KnownSettings.ReloadInterval.CreateError(text, "a time span from 00:00:01 to 1.00:00:00, or 0 to turn reload off");
    }

    private static string? ReadPublicKey(string? text)
    {
        if (text is null)
            return null;
        // An empty key may come from a missing secret. Ignoring the empty key would allow models without a signature.
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new InvalidOperationException(
                $"{KnownSettings.PublicKey} is empty. Set it to a public key in PEM or to the path of a file with one. Remove it to load "
                + "models without signatures.");
        }

        try
        {
            var pem = text.Contains("-----BEGIN", StringComparison.Ordinal) ? text : File.ReadAllText(text);
            EcdsaSignature.ThrowIfInvalidKey(pem);
            return pem;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidOperationException(
                $"{KnownSettings.PublicKey} must be a public key in PEM, or the path of a file with one: {e.Message}", e);
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
                    $"{KnownSettings.MinimumVersions} has \"{part}\"; it must be the names of models with their lowest versions, such as "
                    + "iris=7,digits=2.");
            }

            if (!minimums.TryAdd(name, version))
                throw new InvalidOperationException($"{KnownSettings.MinimumVersions} has model \"{name}\" twice. Name each model once.");
        }

        return minimums;
    }
}
