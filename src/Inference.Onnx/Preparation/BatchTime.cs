namespace Inference.Onnx.Preparation;

/// <summary>The time of a run, measured while several equal runs are executed simultaneously.</summary>
/// <param name="Items">The number of items in the run.</param>
/// <param name="ConcurrentRuns">The number of simultaneous runs.</param>
internal readonly record struct BatchTime(int Items, TimeSpan RunTime, int ConcurrentRuns = 1)
{
    /// <summary>The items per second of all simultaneous runs together.</summary>
    public double ItemsPerSecond => Items * ConcurrentRuns / RunTime.TotalSeconds;
}
