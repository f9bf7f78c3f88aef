using System.Globalization;
using Azure.Storage.Queues;
using Functions.Worker.Hosting;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// The settings of queue functions: host.json's extensions.queues, with the names, defaults and ranges of the Functions host. Settings
/// below AzureFunctionsJobHost__extensions__queues override the file.
/// </summary>
internal sealed record QueueSettings
{
    private const string OverrideSection = "AzureFunctionsJobHost:extensions:queues";

    private const int MaxSharedAttempts = 2;

    /// <summary>The longest time for which the storage hides a message.</summary>
    private static readonly TimeSpan MaxTimeSpan = TimeSpan.FromDays(7);

    /// <summary>The number of messages in one receive call: 1 to 32, which is the service's limit.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>
    /// The next batch is received when at most this many messages have places. The messages that are being processed are therefore at most
    /// this number plus <see cref="BatchSize"/>, and the messages with lent places: see <see cref="MaxLentPlaces"/>. Default: half of
    /// <see cref="BatchSize"/>.
    /// </summary>
    public int NewBatchThreshold { get; init; } = 8;

    /// <summary>
    /// The maximum number of messages that do not end and have lent their places to other messages. The limit bounds the memory of these
    /// messages, for example while a model is downloaded.
    /// </summary>
    public int MaxLentPlaces => 4 * BatchSize;

    /// <summary>How long a message stays hidden after a failed invocation. Default: zero.</summary>
    public TimeSpan VisibilityTimeout { get; init; }

    /// <summary>After this many failed invocations a message moves to the poison queue.</summary>
    public int MaxDequeueCount { get; init; } = 5;

    /// <summary>
    /// The number of attempts in which a message can run at the same time as others. Later attempts run alone. So a message that crashes
    /// the process does not use up the attempts of other messages.
    /// </summary>
    public int SharedAttempts => Math.Clamp(MaxDequeueCount / 2, 1, MaxSharedAttempts);

    /// <summary>The longest interval between two polls of an empty queue; at least 100 ms.</summary>
    public TimeSpan MaxPollingInterval { get; init; } = TimeSpan.FromMinutes(1);

    public QueueMessageEncoding MessageEncoding { get; init; } = QueueMessageEncoding.Base64;

    /// <exception cref="StartupException">
    /// A value is not valid. The message of the exception contains the key, the value and the valid values.
    /// </exception>
    public static QueueSettings Read(HostJson hostJson, IConfiguration configuration)
    {
        var reader = new Reader(hostJson, configuration.GetSection(OverrideSection));
        var defaults = new QueueSettings();
        var batchSize = reader.ReadNumber("batchSize", defaults.BatchSize, 1, 32);
        return new QueueSettings
        {
            BatchSize = batchSize,
            NewBatchThreshold = reader.ReadNumber("newBatchThreshold", batchSize / 2, 0, int.MaxValue),
            VisibilityTimeout = reader.ReadTime("visibilityTimeout", defaults.VisibilityTimeout, TimeSpan.Zero),
            MaxDequeueCount = reader.ReadNumber("maxDequeueCount", defaults.MaxDequeueCount, 1, int.MaxValue),
            MaxPollingInterval = reader.ReadTime("maxPollingInterval", defaults.MaxPollingInterval, PollingDelay.Minimum),
            MessageEncoding = reader.ReadEncoding("messageEncoding", defaults.MessageEncoding),
        };
    }

    private readonly struct Reader(HostJson hostJson, IConfigurationSection overrides)
    {
        public int ReadNumber(string key, int defaultValue, int minimum, int maximum)
        {
            if (ReadText(key) is not { } text)
                return defaultValue;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                && value >= minimum && value <= maximum)
            {
                return value;
            }

            var range = maximum == int.MaxValue ? $"of {minimum} or more" : $"from {minimum} to {maximum}";
            throw CreateInvalidError(key, text, $"a whole number {range}");
        }

        /// <summary>Reads a duration. A plain number is refused, because it would be read as days, which is never intended.</summary>
        public TimeSpan ReadTime(string key, TimeSpan defaultValue, TimeSpan minimum)
        {
            if (ReadText(key) is not { } text)
                return defaultValue;
            return text.Contains(':', StringComparison.Ordinal)
                && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value)
                && value >= minimum && value <= MaxTimeSpan
                ? value
                : throw CreateInvalidError(key, text, $"a time span from {minimum:g} to {MaxTimeSpan:c}, such as 00:00:30");
        }

        public QueueMessageEncoding ReadEncoding(string key, QueueMessageEncoding defaultValue) => ReadText(key) switch
        {
            null => defaultValue,
            var text when text.Equals("base64", StringComparison.OrdinalIgnoreCase) => QueueMessageEncoding.Base64,
            var text when text.Equals("none", StringComparison.OrdinalIgnoreCase) => QueueMessageEncoding.None,
            var text => throw CreateInvalidError(key, text, "base64 or none"),
        };

        private string? ReadText(string key) => overrides[key] ?? hostJson.Queues.GetValueOrDefault(key);

        private StartupException CreateInvalidError(string key, string text, string expected)
        {
            var source = overrides[key] is null
                ? $"{HostJson.FileName}: extensions.queues.{key}"
                : $"{OverrideSection.Replace(":", "__", StringComparison.Ordinal)}__{key}";
            return new StartupException($"{source} is '{text}'; it must be {expected}.");
        }
    }
}
