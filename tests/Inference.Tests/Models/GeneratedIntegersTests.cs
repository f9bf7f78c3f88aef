using Inference.Models;
using Inference.Tensors;

namespace Inference.Tests.Models;

public sealed class GeneratedIntegersTests
{
    [Fact]
    public void WithoutSizesOfZero_ModelThatMayNotSurviveThem_HasNoZeroAmongItsIntegers()
    {
        using var integers = Tensor.Create<long>(ElementType.Int64, new Shape(3), [0, 1, 256]);
        using var floats = Tensor.Create<float>(ElementType.Float32, new Shape(1), [0]);
        using var switches = Tensor.Create<byte>(ElementType.Bool, new Shape(1), [0]);

        GeneratedIntegers.ReplaceZeros(new ModelSignature([], []) { ZeroSizeObstacle = "GRU" }, [integers, floats, switches]);

        Assert.Equal([1L, 1L, 256L], integers.Values<long>().ToArray());
        Assert.Equal((0f, 0), (floats.Values<float>()[0], switches.Data.Span[0]));
    }

    [Fact]
    public void WithoutSizesOfZero_ModelThatSurvivesThem_KeepsThem()
    {
        using var integers = Tensor.Create<long>(ElementType.Int64, new Shape(1), [0]);

        GeneratedIntegers.ReplaceZeros(new ModelSignature([], []) { ZeroSizeObstacle = null }, [integers]);

        Assert.Equal(0, integers.Values<long>()[0]);
    }
}
