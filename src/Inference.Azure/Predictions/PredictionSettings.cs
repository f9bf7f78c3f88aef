using System.Collections.Immutable;
using System.Globalization;
using Inference.Azure.Settings;
using Microsoft.Extensions.Configuration;
using StorageAccounts;

namespace Inference.Azure.Predictions;

/// <summary>The settings of the queues and the container of predictions. The app reads and checks them once, at the start.</summary>
/// <param name="Queue">
/// Predictions__Queue: the queue of predictions. <c>&lt;queue&gt;-poison</c> receives interrupted messages, and <c>&lt;queue&gt;-failed</c>
/// receives messages that were given up.
/// </param>
/// <param name="ResultsQueue">Predictions__ResultsQueue: the queue of results.</param>
/// <param name="Container">Predictions__Container: the container of results, large requests and job records.</param>
/// <param name="TimeToLive">
/// Predictions__ResultTimeToLive: the time for which the blobs are kept; null when they do not expire. Default: 7 days.
/// </param>
public sealed record PredictionSettings(string Queue, string ResultsQueue, string Container, TimeSpan? TimeToLive)
{
    /// <summary>The prefix of the containers in which the Functions host keeps its keys and leases.</summary>
    private const string HostPrefix = "azure-webjobs-";

    /// <summary>The maximum length of the name of a queue or container in Azure Storage.</summary>
    private const int MaxNameLength = 63;
    private const string PoisonSuffix = "-poison";
    private const string FailedSuffix = "-failed";

    private static readonly TimeSpan DefaultTimeToLive = TimeSpan.FromDays(7);

    /// <summary>
    /// The default names, by setting. The app adds them as settings of the lowest precedence, because triggers and outputs refer to queues
    /// by these settings.
    /// </summary>
    public static IReadOnlyDictionary<string, string?> Defaults { get; } = new Dictionary<string, string?>
    {
        ["Predictions:Queue"] = "predictions",
        ["Predictions:ResultsQueue"] = "predictions-results",
        ["Predictions:Container"] = "prediction-results",
    };

    /// <summary>
    /// Predictions__RequestContainers: the containers whose blobs a message may name as its request, in addition to the requests in
    /// <see cref="Container"/>. Default: none.
    /// </summary>
    public ImmutableArray<string> RequestContainers { get; init; } = [];

    /// <summary>
    /// The queue of messages whose last attempt was interrupted. The host or the standalone server moves the messages to this queue. A
    /// function of the app then sends the stored result of each message, or else a failed result.
    /// </summary>
    public string PoisonQueue => Queue + PoisonSuffix;

    /// <summary>
    /// The queue of messages that were given up, each with a failed result. Messages stay there until they are replayed or dropped.
    /// </summary>
    public string FailedQueue => Queue + FailedSuffix;

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="StorageSettingsException">A setting cannot be used.</exception>
    public static PredictionSettings Read(IConfiguration configuration)
    {
        var settings = new PredictionSettings(
            ReadName(configuration, "Queue", MaxNameLength - PoisonSuffix.Length),
            ReadName(configuration, "ResultsQueue", MaxNameLength),
            ReadName(configuration, "Container", MaxNameLength),
            ReadTimeToLive(configuration["Predictions:ResultTimeToLive"]));
        var requestContainers = ReadRequestContainers(configuration["Predictions:RequestContainers"], settings.Container);
        settings = settings with { RequestContainers = requestContainers };
        string[] messageQueues = [settings.Queue, settings.PoisonQueue, settings.FailedQueue];
        if (messageQueues.Contains(settings.ResultsQueue))
        {
            throw new StorageSettingsException(
                $"Predictions__ResultsQueue is \"{settings.ResultsQueue}\", a queue of predictions or failed messages. "
                + "Name another queue for results.");
        }

        return settings;
    }

    private static string ReadName(IConfiguration configuration, string setting, int maxLength)
    {
        var key = $"Predictions:{setting}";
        var name = configuration[key] is { Length: > 0 } value ? value : Defaults[key]!;
        return name.Length <= maxLength && StorageName.IsValid(name)
            ? name
            : throw new StorageSettingsException(
                $"Predictions__{setting} is \"{name}\"; it must have 3 to {maxLength} characters: a-z, 0-9, and single hyphens between "
                + "them.");
    }

    private static ImmutableArray<string> ReadRequestContainers(string? text, string container)
    {
        string[] names = (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var name in names)
        {
            if (!StorageName.IsValid(name) || name.StartsWith(HostPrefix, StringComparison.Ordinal))
            {
                throw new StorageSettingsException(
                    $"Predictions__RequestContainers names \"{name}\"; a container must have 3 to {MaxNameLength} characters: a-z, 0-9, "
                    + $"and single hyphens between them. It must not begin with {HostPrefix}. Write containers with commas between them.");
            }

            if (name == container)
            {
                throw new StorageSettingsException(
                    $"Predictions__RequestContainers names \"{name}\", which is Predictions__Container: every sender of messages could "
                    + "read the results there. Name another container for requests.");
            }
        }

        return ImmutableArray.Create(names);
    }

    private static TimeSpan? ReadTimeToLive(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return DefaultTimeToLive;
        if (text == "0")
            return null;
        if (!TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) || time < TimeSpan.Zero)
        {
            throw new StorageSettingsException(
                $"Predictions__ResultTimeToLive is \"{text}\"; it must be a time such as 7.00:00:00 (seven days) or 12:00:00, "
                + "or 0 to keep results for ever.");
        }

        return time == TimeSpan.Zero ? null : time;
    }
}
