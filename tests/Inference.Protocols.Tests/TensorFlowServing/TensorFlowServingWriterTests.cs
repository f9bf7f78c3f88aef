using System.Buffers;
using System.Text;
using Inference.Catalog;
using Inference.Models;
using Inference.Protocols.TensorFlowServing;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests.TensorFlowServing;

public sealed class TensorFlowServingWriterTests
{
    private static readonly TensorFlowResponseLayout Row = new() { HasRows = true };
    private static readonly TensorFlowResponseLayout Column = new();

    [Fact]
    public void WritePrediction_OneOutput_IsWrittenWithoutItsName()
    {
        // This is the example half_plus_two of the specification.
        Assert.Equal("""{"predictions":[2.5,3.0,4.5]}""", Write(Row, Floats("y", 2.5f, 3, 4.5f)));
        Assert.Equal("""{"outputs":[2.5,3.0,4.5]}""", Write(Column, Floats("y", 2.5f, 3, 4.5f)));
    }

    [Fact]
    public void WritePrediction_SeveralOutputs_AreAnObjectARowOrATensorAName()
    {
        var classes = new NamedTensor("classes", Tensor.Create<long>(ElementType.Int64, new Shape(2), [7, 9]));
        var scores = new NamedTensor("scores", Tensor.Create<double>(ElementType.Float64, new Shape(2, 2), [0.5, 1e-7, 1, -2]));

        Assert.Equal(
            """{"predictions":[{"classes":7,"scores":[0.5,1E-07]},{"classes":9,"scores":[1.0,-2.0]}]}""", Write(Row, classes, scores));
        Assert.Equal("""{"outputs":{"classes":[7,9],"scores":[[0.5,1E-07],[1.0,-2.0]]}}""", Write(Column, classes, scores));
    }

    [Fact]
    public void WritePrediction_NonFinite_AreBareWords()
    {
        Assert.Equal("""{"predictions":[NaN,Infinity,-Infinity,1.0]}""",
            Write(Row, Floats("y", float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1)));
        var half = new NamedTensor("y", Tensor.Create<Half>(ElementType.Float16, new Shape(2), [Half.NaN, (Half)1]));
        Assert.Equal("""{"outputs":[NaN,1.0]}""", Write(Column, half));
    }

    [Theory]
    [InlineData("text", """{"predictions":["hi",{"b64":"//4="}]}""")]
    [InlineData("image_bytes", """{"predictions":[{"b64":"aGk="},{"b64":"//4="}]}""")]
    public void WritePrediction_Bytes_AreBase64WhenTheirNameOrTheirContentSaysSo(string name, string expected)
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        builder.AppendBytes("hi"u8);
        builder.AppendBytes([0xFF, 0xFE]);

        Assert.Equal(expected, Write(Row, new NamedTensor(name, builder.Build(new Shape(2)))));
    }

    [Fact]
    public void WritePrediction_Scalar_HasAColumnButNoRows()
    {
        var scalar = new NamedTensor("y", Tensor.Create(ElementType.Float32, new Shape(), [1.5f]));

        Assert.Equal("""{"outputs":1.5}""", Write(Column, scalar));
        var exception = Assert.Throws<InferenceException>(() =>
            Write(Row, new NamedTensor("y", Tensor.Create(ElementType.Float32, new Shape(), [1.5f]))));
        Assert.Contains("Send \"inputs\"", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteStatus_EveryState_IsTensorFlowServings()
    {
        var states = Enum.GetValues<ModelState>().Select((state, index) =>
            new ModelStatus(new ModelVersion(new ModelId(ModelName.Parse("m"), index + 1), "", 1), state,
                state == ModelState.Failed ? "broken" : "not replaced"));

        Assert.Equal(
            """{"model_version_status":["""
            + """{"version":"1","state":"START","status":{"error_code":"OK","error_message":""}},"""
            + """{"version":"2","state":"LOADING","status":{"error_code":"OK","error_message":""}},"""
            + """{"version":"3","state":"AVAILABLE","status":{"error_code":"OK","error_message":""}},"""
            + """{"version":"4","state":"END","status":{"error_code":"UNAVAILABLE","error_message":"broken"}},"""
            + """{"version":"5","state":"END","status":{"error_code":"OK","error_message":""}},"""
            + """{"version":"6","state":"UNLOADING","status":{"error_code":"OK","error_message":""}}],"name":"m","ready":true}""",
            Text(buffer => TensorFlowServingWriter.WriteStatus(buffer, ModelName.Parse("m"), states)));
    }

    [Fact]
    public void WriteMetadata_Signature_IsTheOneDefault()
    {
        const string Shape = """{"dim":[{"size":"-1","name":""},{"size":"2","name":""}],"unknown_rank":false}""";
        const string Expected =
            $$$$$$"""
            {"model_spec":{"name":"m","signature_name":"","version":"3"},"metadata":{"signature_def":{"signature_def":{"serving_default":{
            "inputs":{"x":{"dtype":"DT_FLOAT","tensor_shape":{{{{{{Shape}}}}}},"name":"x"}},
            "outputs":{"y":{"dtype":"DT_FLOAT","tensor_shape":{{{{{{Shape}}}}}},"name":"y"}},
            "method_name":"tensorflow/serving/predict"}}}}}
            """;

        Assert.Equal(
            Expected.ReplaceLineEndings(""),
            Text(buffer => TensorFlowServingWriter.WriteMetadata(buffer, Model(Of(ElementType.Float32, -1, 2)))));
    }

    /// <summary>Predict calls write a map under the name of the output.</summary>
    [Fact]
    public void WriteMetadata_Map_IsOneOutput()
    {
        TensorSpec[] parts =
        [
            CreatePart(OutputPartKind.RowKeys, ElementType.Bytes), CreatePart(OutputPartKind.RowValues, ElementType.Float32),
        ];
        var signature = new ModelSignature(Of(ElementType.Float32, -1, 2).Inputs, [.. parts]);

        Assert.Contains(
            """{"p":{"dtype":"DT_FLOAT","tensor_shape":{"dim":[],"unknown_rank":true},"name":"p"}}""",
            Text(buffer => TensorFlowServingWriter.WriteMetadata(buffer, Model(signature))), StringComparison.Ordinal);

        static TensorSpec CreatePart(OutputPartKind kind, ElementType type)
        {
            var part = new OutputPart("p", kind);
            return new TensorSpec(part.TensorName, type, new Shape(-1, -1), ["", ""]) { Part = part };
        }
    }

    private static NamedTensor Floats(string name, params float[] values) =>
        new(name, Tensor.Create<float>(ElementType.Float32, new Shape(values.Length), values));

    private static string Write(TensorFlowResponseLayout layout, params NamedTensor[] outputs) =>
        Text(buffer =>
        {
            using var prediction = CreatePrediction(Of(ElementType.Float32, -1), [], outputs);
            TensorFlowServingWriter.WritePrediction(buffer, prediction, layout);
        });

    private static string Text(Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
