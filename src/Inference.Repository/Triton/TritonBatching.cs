using System.Collections.Immutable;
using Inference.Models.Settings;

namespace Inference.Repository.Triton;

/// <summary>
/// Reads <c>max_batch_size</c> and <c>dynamic_batching</c>. A <c>max_batch_size</c> above 0 declares that the first dimension counts items.
/// The size 0 declares that the model has no such dimension. A missing size declares nothing.
/// </summary>
internal static class TritonBatching
{
    private const long MicrosecondsInADay = 24L * 60 * 60 * 1_000_000;

    public static (BatchingSettings, TimeoutSettings) Read(TritonFields config, int? maxBatchSize)
    {
        var batching = new BatchingSettings
        {
            Contract = maxBatchSize switch { null => ContractChoice.Proven, 0 => ContractChoice.None, _ => ContractChoice.Declared },
            MaxBatch = maxBatchSize > 0 ? maxBatchSize : null,
        };
        if (config.GetMessage("dynamic_batching") is not { } batchFields)
            return (batching, new TimeoutSettings());

        if (maxBatchSize == 0)
        {
            config.AddWarning(config.GetField("dynamic_batching")!, "Ignored: max_batch_size is 0, so every request runs as it was sent.");
        }
        else if (maxBatchSize is null)
        {
            config.AddWarning(
                config.GetField("dynamic_batching")!,
                "Ignored: without max_batch_size requests share runs only where the server has proven that this changes no result. "
                + "Write max_batch_size to join requests.");
        }

        foreach (var field in batchFields.GetFields("preferred_batch_size"))
            CheckPreferred(batchFields, field, maxBatchSize);
        var delay = batchFields.GetInteger("max_queue_delay_microseconds", 0, (long)BatchingSettings.MaxDelayLimit.TotalMicroseconds);
        var (queueLimit, timeouts) = batchFields.GetMessage("default_queue_policy") is { } policy
            ? ReadQueuePolicy(policy)
            : (null, new TimeoutSettings());
        ImmutableArray<int> preferred =
            [.. batchFields.GetIntegers("preferred_batch_size", 1, BatchingSettings.MaxItems).Distinct().Order().Select(size => (int)size)];
        batching = batching with
        {
            PreferredSizes = maxBatchSize is null ? [] : preferred,
            MaxDelay = maxBatchSize is not > 1 ? TimeSpan.Zero : TimeSpan.FromMicroseconds(delay ?? 0),
            QueueLimit = queueLimit,
        };
        batchFields.WarnAboutUnreadFields(TritonIgnored.DynamicBatching);
        return (batching, timeouts);
    }

    private static void CheckPreferred(TritonFields batchFields, TextField field, int? maxBatchSize)
    {
        if (maxBatchSize is { } max && TextNumber.TryParse(field.Text, out var size) && size > max)
            batchFields.AddProblem(field, $"A preferred size is {size}, but max_batch_size is {max}.");
    }

    private static (int? QueueLimit, TimeoutSettings Timeouts) ReadQueuePolicy(TritonFields policy)
    {
        const int Delay = 1;
        var isDelayed = policy.GetEnum("timeout_action", ["REJECT", "DELAY"]) == Delay;
        var timeout = policy.GetInteger("default_timeout_microseconds", 0, MicrosecondsInADay) ?? 0;
        var limit = (int?)policy.GetInteger("max_queue_size", 0, BatchingSettings.MaxQueueLimit) ?? 0;
        policy.WarnAboutUnreadFields(TritonIgnored.QueuePolicy);
        if (isDelayed)
        {
            policy.AddWarning(
                policy.GetField("timeout_action")!,
                "Ignored, together with default_timeout_microseconds: this server does not move a late request behind others.");
        }
        else if (timeout > 0)
        {
            policy.AddWarning(policy.GetField("default_timeout_microseconds")!,
                "Here, the timeout limits the whole request including its run. In Triton, it limits only the wait.");
        }

        return (
            limit == 0 ? null : limit,
            new TimeoutSettings { Request = isDelayed || timeout == 0 ? null : TimeSpan.FromMicroseconds(timeout) });
    }
}
