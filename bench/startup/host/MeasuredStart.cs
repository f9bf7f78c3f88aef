namespace StartupHost;

/// <summary>The times of one start.</summary>
/// <param name="Stream">From the start to StartStream. Zero for a placeholder, which opens the stream before the start.</param>
/// <param name="Functions">From the start to all functions loaded.</param>
/// <param name="Prediction">From the start to the end of the first prediction's response.</param>
/// <param name="Processor">The worker's processor time when the first prediction has ended.</param>
internal sealed record MeasuredStart(TimeSpan Stream, TimeSpan Functions, TimeSpan Prediction, TimeSpan Processor)
{
    /// <summary>The rows of the table.</summary>
    public static readonly IReadOnlyList<(string Name, Func<MeasuredStart, TimeSpan> Read)> Stages =
    [
        ("start to StartStream", start => start.Stream),
        ("start to all functions loaded", start => start.Functions),
        ("start to first prediction", start => start.Prediction),
        ("the worker's processor time until then", start => start.Processor),
    ];
}
