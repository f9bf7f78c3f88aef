using Inference.Models;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Onnx.Tests;

/// <summary>The real runtime.</summary>
public sealed class OnnxFixture
{
    private readonly OnnxModelRuntime _runtime = new();

    public Task<IModelSession> LoadAsync(string name, CancellationToken cancellationToken = default) =>
        _runtime.LoadAsync(TestModels.Id(name), TestModels.Files(name), cancellationToken);

    public Task<IModelSession> LoadFileAsync(string path) =>
        _runtime.LoadAsync(TestModels.Id("file"), new ModelFiles(path, LabelsPath: null), CancellationToken.None);

    public static Tensor Floats(Shape shape, params float[] values) => Tensor.Create<float>(ElementType.Float32, shape, values);
}
