using Functions.Jobs;
using Inference;
using Inference.Models;
using Inference.Protocols.Predictions;
using Microsoft.Extensions.Logging;

namespace Functions.Queue;

/// <summary>
/// Gives messages back to the queue while their model is stalled: requests wait for the model, but none of its runs ends. Otherwise, these
/// messages would fill the memory, and each of them would delay the messages of other models. A message that is given back is sent as a new
/// message, so it keeps all its attempts.
/// </summary>
public sealed partial class StalledMessages(
    Predictor predictor, ResultMessages results, JobRequests requests, TimeProvider time, ILogger<StalledMessages> logger)
{
    /// <summary>
    /// The duration after which a stall counts. The standalone server receives messages beside those that do not end after 30 seconds. This
    /// duration is shorter, so that a message that is received then finds its model stalled.
    /// </summary>
    private static readonly TimeSpan MaxStall = TimeSpan.FromSeconds(20);

    /// <summary>The minimum time until the next delivery of a message.</summary>
    private static readonly TimeSpan MinDelay = TimeSpan.FromSeconds(10);

    /// <summary>The maximum time until the next delivery of a message.</summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromHours(1);

    /// <summary>The time between the next deliveries of two messages, which limits the cost of a long backlog.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>The time without a delivery after which the next message that is given back is logged.</summary>
    private static readonly TimeSpan CalmTime = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();

    /// <summary>The time of the last planned delivery.</summary>
    private DateTimeOffset _lastDelivery;

    /// <summary>Gives a message back if its model is stalled and its prediction has no result.</summary>
    /// <returns>Whether the message was given back. The attempt then ends without a result.</returns>
    public async Task<bool> TryReturnAsync(byte[] body, PredictionMessage message, CancellationToken cancellationToken)
    {
        if (predictor.GetStall(ModelName.Parse(message.Model), message.Version) < MaxStall
            || await results.FindAsync(message.Id, cancellationToken).ConfigureAwait(false) is not null)
        {
            return false;
        }

        var (delay, isFirst) = PlanDelivery();
        await requests.SendAgainAsync(body, message, delay, cancellationToken).ConfigureAwait(false);
        if (isFirst)
            MessagesGivenBack(message.Model, MaxStall.TotalSeconds);
        return true;
    }

    /// <returns>The time until the next delivery of a message, and whether no message was given back lately.</returns>
    private (TimeSpan Delay, bool IsFirst) PlanDelivery()
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            var isFirst = now - _lastDelivery > CalmTime;
            var ticks = Math.Clamp((_lastDelivery + Interval - now).Ticks, MinDelay.Ticks, MaxDelay.Ticks);
            var delay = TimeSpan.FromTicks(ticks);
            _lastDelivery = now + delay;
            return (delay, isFirst);
        }
    }

    [LoggerMessage(
        LogLevel.Warning,
        "Messages for model {Model} are given back to the queue: requests wait for it, and none of its runs has ended for {Seconds:0} s.")]
    private partial void MessagesGivenBack(string model, double seconds);
}
