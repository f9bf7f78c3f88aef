using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Tests.Models;

public sealed class ModelLabelsTests
{
    /// <summary>The scores of a token classifier have one dimension more than those of other classifiers.</summary>
    [Theory]
    [InlineData(null, false, -1L, 2L)]
    [InlineData(null, true, -1L, 3L)]
    [InlineData(null, true, -1L, -1L, 2L)]
    [InlineData(ModelTask.TextClassification, true, -1L, 3L)]
    [InlineData(ModelTask.TokenClassification, false, -1L, -1L, 2L)]
    [InlineData(ModelTask.TokenClassification, false, -1L, -1L, -1L)]
    [InlineData(ModelTask.TokenClassification, true, -1L, -1L, 7L)]
    [InlineData(ModelTask.TokenClassification, true, -1L, 2L)]
    public void HasUnusableLabels_TwoLabels_ComparesThemWithTheScoresOfTheTask(ModelTask? task, bool expected, params long[] shape)
    {
        var output = new TensorSpec("y", ElementType.Float32, new Shape(shape), [.. shape.Select(_ => "")]);
        var model = new Model(new ModelId(ModelName.Parse("m"), 1), new ModelSignature([], [output]), ["a", "b"]) { Task = task };

        Assert.Equal(expected, model.HasUnusableLabels);
        Assert.False((model with { Labels = [] }).HasUnusableLabels);
    }

    /// <summary>Tasks read FP32 scores only.</summary>
    [Theory]
    [InlineData(ElementType.Float16, null, true)]
    [InlineData(ElementType.BFloat16, null, true)]
    [InlineData(ElementType.Float64, null, true)]
    [InlineData(ElementType.Float64, ModelTask.ImageClassification, false)]
    [InlineData(ElementType.Int64, null, false)]
    [InlineData(ElementType.Bytes, null, false)]
    public void HasLabelsFor_Type_IsAnyFloatWithoutATask(ElementType type, ModelTask? task, bool expected)
    {
        var output = new TensorSpec("y", type, new Shape(-1, 2), ["n", ""]);
        var model = new Model(new ModelId(ModelName.Parse("m"), 1), new ModelSignature([], [output]), ["a", "b"]) { Task = task };

        Assert.Equal(expected, model.HasLabelsFor(output));
    }
}
