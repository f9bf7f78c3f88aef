using Inference.Compute;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Onnx.Tests;

/// <summary>The runtime with two slots and an empty cache. Its clock stands still, so no background work starts.</summary>
public sealed class OnnxFixture : IDisposable
{
    private readonly Governor _governor = new(slots: 2);
    private readonly TempFolder _cache = new();
    private readonly OnnxModelRuntime _runtime;

    public OnnxFixture() =>
        _runtime =
            new OnnxModelRuntime(_governor, _cache.Path, shared: null, new FakeTimeProvider(), NullLogger<OnnxModelRuntime>.Instance);

    public Task<IModelSession> LoadAsync(string name, CancellationToken cancellationToken = default) =>
        _runtime.LoadAsync(TestModels.Id(name), TestModels.Files(name), ModelSettings.Default, cancellationToken);

    public Task<IModelSession> LoadAsync(string name, ExecutionSettings settings) =>
        _runtime.LoadAsync(
            TestModels.Id(name), TestModels.Files(name), ModelSettings.Default with { Execution = settings }, CancellationToken.None);

    public Task<IModelSession> LoadFileAsync(string path) =>
        _runtime.LoadAsync(TestModels.Id("file"), new ModelFiles(path, LabelsPath: null), ModelSettings.Default, CancellationToken.None);

    public static Tensor Floats(Shape shape, params float[] values) => Tensor.Create<float>(ElementType.Float32, shape, values);

    public void Dispose()
    {
        _governor.Dispose();
        _cache.Dispose();
    }
}
