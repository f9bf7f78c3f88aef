namespace Inference.Onnx.Preparation;

/// <summary>The time of one run, by the number of its items and of simultaneous runs.</summary>
internal readonly record struct BatchTime(int Items, TimeSpan Run, int AtOnce = 1)
{
    /// <summary>The items per second of all simultaneous runs together.</summary>
    public double ItemsPerSecond => Items * AtOnce / Run.TotalSeconds;
}
