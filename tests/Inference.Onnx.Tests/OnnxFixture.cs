using Inference.Models;
using Inference.Serving;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Onnx.Tests;

/// <summary>The real runtime on two slots.</summary>
public sealed class OnnxFixture : IDisposable
{
    private readonly Governor _governor = new(slots: 2);

    public Task<IModelSession> LoadAsync(string name, CancellationToken cancellationToken = default) =>
        new OnnxModelRuntime(_governor).LoadAsync(TestModels.Id(name), TestModels.Files(name), cancellationToken);

    public Task<IModelSession> LoadFileAsync(string path) =>
        new OnnxModelRuntime(_governor).LoadAsync(TestModels.Id("file"), new ModelFiles(path, LabelsPath: null), CancellationToken.None);

    public static Tensor Floats(Shape shape, params float[] values) => Tensor.Create<float>(ElementType.Float32, shape, values);

    public void Dispose() => _governor.Dispose();
}
