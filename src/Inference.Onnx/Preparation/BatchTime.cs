namespace Inference.Onnx.Preparation;

/// <summary>How long one run of so many items takes.</summary>
internal readonly record struct BatchTime(int Items, TimeSpan Run)
{
    public double ItemsPerSecond => Items / Run.TotalSeconds;
}
