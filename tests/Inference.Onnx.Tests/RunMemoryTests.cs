using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Onnx.Tests;

public sealed class RunMemoryTests
{
    private readonly RunMemory _sut = new(TestModels.Id("m"), long.MaxValue, new FakeTimeProvider(), NullLogger.Instance);

    [Fact]
    public void Begin_EachClassOfShapes_IsMeasuredOnce()
    {
        Assert.True(IsMeasured([4, 2]));
        Assert.False(IsMeasured([4, 2]));
        Assert.False(IsMeasured([5, 2]));
        Assert.True(IsMeasured([8, 2]));
    }

    /// <summary>The inputs have the same dimensions in the same order. Only their ranks differ.</summary>
    [Fact]
    public void Begin_SameDimensionsInInputsOfOtherRanks_AreOtherClasses()
    {
        Assert.True(IsMeasured([2, 8], [32]));
        Assert.True(IsMeasured([2], [8, 32]));
        Assert.True(IsMeasured([2, 8, 32]));
        Assert.True(IsMeasured([2, 8, 32], []));
        Assert.False(IsMeasured([2, 8], [32]));
    }

    /// <summary>Begins a run with inputs of these shapes, and returns whether the run is measured.</summary>
    private bool IsMeasured(params long[][] shapes)
    {
        var inputs = Array.ConvertAll(shapes, shape => Tensor.Rent(ElementType.Float32, new Shape(shape)));
        try
        {
            using var run = _sut.Begin(inputs);
            return !run.Equals(default(RunMemory.Measurement));
        }
        finally
        {
            Array.ForEach(inputs, input => input.Dispose());
        }
    }
}
