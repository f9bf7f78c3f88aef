namespace Inference.Models.Settings;

public sealed record TimeoutSettings
{
    public static readonly TimeSpan MinRequest = TimeSpan.FromMilliseconds(1);

    public static readonly TimeSpan MaxRequest = TimeSpan.FromDays(1);

    /// <summary>How long a request that names no timeout itself may take, waiting included.</summary>
    /// <value>Default: null, without limit. <see cref="MinRequest"/> to <see cref="MaxRequest"/>.</value>
    public TimeSpan? Request { get; init; }
}
