using System.Globalization;
using System.Text.Json;
using Inference;
using Microsoft.Extensions.Configuration;

namespace Functions.Queue;

/// <summary>
/// The maximum number of attempts for a message: <c>extensions.queues.maxDequeueCount</c> of host.json. The Functions host and the
/// standalone worker apply the same value. The server reads the value only after a failed attempt, because most servers never need the
/// value.
/// </summary>
public sealed class RetryLimit(IConfiguration configuration)
{
    private const string OverrideKey = "AzureFunctionsJobHost:extensions:queues:maxDequeueCount";

    /// <summary>The value that a Functions host uses when host.json has none.</summary>
    private const int HostDefault = 5;

    private readonly Lazy<int> _attempts = new(() =>
        int.TryParse(configuration[OverrideKey], NumberStyles.None, CultureInfo.InvariantCulture, out var attempts)
            ? attempts
            : Read(Path.Combine(AppContext.BaseDirectory, "host.json")));

    /// <summary>The maximum number of attempts for a message.</summary>
    public int Attempts => _attempts.Value;

    private static int Read(string hostJsonPath)
    {
        ReadOnlyMemory<byte> text = File.ReadAllBytes(hostJsonPath);
        using var file = JsonDocument.Parse(
            ByteOrderMark.Skip(text), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        return file.RootElement.TryGetProperty("extensions", out var extensions)
            && extensions.TryGetProperty("queues", out var queues)
            && queues.TryGetProperty("maxDequeueCount", out var count)
            ? count.GetInt32()
            : HostDefault;
    }
}
