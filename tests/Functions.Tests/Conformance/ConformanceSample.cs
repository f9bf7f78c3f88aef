using System.Buffers.Binary;
using Inference.Onnx.Sweep;
using Inference.Testing;

namespace Functions.Tests.Conformance;

/// <summary>Writes test data for small models, in the layout of ONNX's own test data.</summary>
internal sealed class ConformanceSample : IDisposable
{
    private const int Float = 1;

    private readonly TempFolder _folder = new();

    /// <returns>The folder with the test data.</returns>
    public string Write()
    {
        byte[] Model(string name) => File.ReadAllBytes(TestModels.Path(name));
        Write("scalar", Model("scalar"), Floats());
        Write("fixed_one", Model("fixed_one"), Floats(1, 1));
        Write("fixed_batch", Model("fixed_batch"), Floats(1, 4));
        Write("two_in_two_out", Model("two_in_two_out"), Floats(2, 3), Floats(2, 3));
        Write("broadcast", Model("two_in_two_out"), Floats(1, 3), Floats(5, 3));
        Write("passthrough", Model("passthrough"), Floats(2, 2));
        Write("image", Model("image"), Floats(2, 2, 3, 3));
        Write("dynamic_inner", Model("dynamic_inner"), Floats(2, 7));
        Write("sequence_out", Model("sequence_out"), Floats(3));
        Write("beside", GeneratedModels.Concatenated(), Floats(2, 3), Floats(2, 1));
        Write("sum", GeneratedModels.Sum(), Floats(2, 3), Floats(2, 2));
        Write("constant", GeneratedModels.Constant());
        return _folder.Combine("data");
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string name, byte[] model, params TestTensor[] inputs)
    {
        var set = Directory.CreateDirectory(_folder.Combine("data", name, "test_data_set_0")).FullName;
        File.WriteAllBytes(_folder.Combine("data", name, "model.onnx"), model);
        for (var i = 0; i < inputs.Length; i++)
            File.WriteAllBytes(Path.Combine(set, $"input_{i}.pb"), inputs[i].ToProto($"input_{i}").ToBytes());
    }

    private static TestTensor Floats(params long[] shape)
    {
        var data = new byte[sizeof(float) * shape.Aggregate(1L, (count, size) => count * size)];
        for (var at = 0; at < data.Length; at += sizeof(float))
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(at), (at % 7) - 2.5f);
        return new TestTensor(Float, shape, data);
    }
}
