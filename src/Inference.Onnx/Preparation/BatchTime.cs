namespace Inference.Onnx.Preparation;

/// <summary>How long one run of so many items takes, when there are so many runs at once.</summary>
internal readonly record struct BatchTime(int Items, TimeSpan Run, int AtOnce = 1)
{
    /// <summary>Of all of them together.</summary>
    public double ItemsPerSecond => Items * AtOnce / Run.TotalSeconds;
}
