using System.Buffers;
using System.Text;
using Inference.Models;
using Inference.Protocols.OpenInference;
using Inference.Requests;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests.OpenInference;

public sealed class OpenInferenceWriterTests
{
    [Fact]
    public void WritePrediction_Tensors_AreFlatWithTheirShape()
    {
        var signature = Of(ElementType.Float32, -1, 2);
        var model = new Model(new ModelId(ModelName.Parse("m"), 3), signature, []);
        using var prediction = new Prediction(
            model, "7", [new NamedTensor("y", Tensor.Create(ElementType.Float32, new Shape(2, 2), [1, 0.5f, float.NaN, 4]))]);

        Assert.Equal(
            "{\"model_name\":\"m\",\"model_version\":\"3\",\"id\":\"7\",\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[2,2],\"data\":[1,0.5,\"NaN\",4]}]}",
            Write(buffer => OpenInferenceWriter.WritePrediction(buffer, prediction)));
    }

    [Fact]
    public void WritePrediction_HalfPrecision_IsWrittenAsNumbers()
    {
        using var prediction = CreatePrediction(Of(ElementType.Float16, -1), [],
            new NamedTensor("y", Tensor.Create(ElementType.Float16, new Shape(2), [(Half)0.5f, Half.NaN])));

        Assert.Contains("\"datatype\":\"FP16\",\"shape\":[2],\"data\":[0.5,\"NaN\"]",
            Write(buffer => OpenInferenceWriter.WritePrediction(buffer, prediction)), StringComparison.Ordinal);
    }

    [Fact]
    public void WriteModelMetadata_Signature_IsReported()
    {
        var model = new Model(new ModelId(ModelName.Parse("m"), 3), Of(ElementType.Int64, -1, 2), []);

        Assert.Equal(
            "{\"name\":\"m\",\"versions\":[\"1\",\"3\"],\"platform\":\"onnx_onnxv1\",\"inputs\":[{\"name\":\"x\",\"datatype\":\"INT64\",\"shape\":[-1,2]}],"
            + "\"outputs\":[{\"name\":\"y\",\"datatype\":\"INT64\",\"shape\":[-1,2]}]}",
            Write(buffer => OpenInferenceWriter.WriteModelMetadata(buffer, model, [1, 3])));
    }

    private static string Write(Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
