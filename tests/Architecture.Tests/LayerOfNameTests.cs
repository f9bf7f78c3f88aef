namespace Architecture.Tests;

public sealed class LayerOfNameTests
{
    [Theory]
    [InlineData("Inference.Tensors.Tensor", "Inference.Tensors")]
    [InlineData("Inference.Models.Settings.ModelSettings", "Inference.Models")]
    [InlineData("Inference.Predictor", "Inference")]
    [InlineData("Inference.InferenceException", "Inference.InferenceException")]
    [InlineData("Inference.Unknown.Predictor", null)]
    [InlineData("Inference.ModelsElsewhere.Model", null)]
    public void Of_Type_IsTheLayerThatContainsIt(string type, string? layer) => Assert.Equal(layer, Layer.Find(type));

    [Theory]
    [InlineData("Inference", "Inference")]
    [InlineData("Inference.Models.Settings", "Inference.Models")]
    [InlineData("Inference.Unknown", null)]
    [InlineData("System.Text", null)]
    public void OfImport_Namespace_IsTheLayerThatContainsIt(string name, string? layer) => Assert.Equal(layer, Layer.FindForImport(name));

    [Theory]
    [InlineData("Inference.Catalog", "Inference.Batching", true)]
    [InlineData("Inference.Catalog", "Inference.Catalog", true)]
    [InlineData("Inference.Batching", "Inference.Catalog", false)]
    [InlineData("Inference.Shadow", "Inference.Reload", false)]
    [InlineData("Inference.Reload", "Inference.Shadow", false)]
    [InlineData("Inference.Diagnostics", "Inference.InferenceException", true)]
    [InlineData("Inference.InferenceException", "Inference", false)]
    public void MayUse_Layers_PointsDown(string user, string used, bool expected) => Assert.Equal(expected, Layer.MayUse(user, used));
}
