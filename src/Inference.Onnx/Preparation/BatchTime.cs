namespace Inference.Onnx.Preparation;

/// <summary>The time of one run with a number of items, while a number of runs are executed simultaneously.</summary>
internal readonly record struct BatchTime(int Items, TimeSpan Run, int AtOnce = 1)
{
    /// <summary>The items per second of all simultaneous runs together.</summary>
    public double ItemsPerSecond => Items * AtOnce / Run.TotalSeconds;
}
