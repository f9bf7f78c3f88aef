namespace Inference.Models.Settings;

/// <summary>Settings for the time limits of requests and of work on the model.</summary>
public sealed record TimeoutSettings
{
    /// <summary>The smallest value of <see cref="Request"/>.</summary>
    public static readonly TimeSpan MinRequest = TimeSpan.FromMilliseconds(1);

    /// <summary>The largest value of <see cref="Request"/>.</summary>
    public static readonly TimeSpan MaxRequest = TimeSpan.FromDays(1);

    /// <summary>The shortest limit of a load, a warm-up or a comparison.</summary>
    public static readonly TimeSpan MinWork = TimeSpan.FromSeconds(1);

    /// <summary>The longest limit of a load, a warm-up or a comparison.</summary>
    public static readonly TimeSpan MaxWork = TimeSpan.FromDays(1);

    /// <summary>The maximum time for a request without a timeout of its own, including its wait.</summary>
    /// <value>Default: null, which means no limit. <see cref="MinRequest"/> to <see cref="MaxRequest"/>.</value>
    public TimeSpan? Request { get; init; }

    /// <summary>
    /// The maximum time for each of two phases of a load: the wait for memory, and the opening of the model. Downloads do not count.
    /// </summary>
    /// <value>Default: 5 minutes. <see cref="MinWork"/> to <see cref="MaxWork"/>.</value>
    public TimeSpan Load { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The maximum time for all warm-up runs together.</summary>
    /// <value>Default: 1 minute. <see cref="MinWork"/> to <see cref="MaxWork"/>.</value>
    public TimeSpan Warmup { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The maximum time for the trial run of new files, before they replace the files in use.</summary>
    /// <value>Default: 1 minute. <see cref="MinWork"/> to <see cref="MaxWork"/>.</value>
    public TimeSpan Comparison { get; init; } = TimeSpan.FromMinutes(1);
}
