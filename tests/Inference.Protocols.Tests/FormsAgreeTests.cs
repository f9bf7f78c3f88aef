using System.Buffers;
using System.Text.Json;
using FsCheck.Xunit;
using Google.Protobuf;
using Inference.Protocols.Json;
using Inference.Protocols.OpenInference;
using Inference.Protocols.OpenInference.Grpc;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Protocols.Predict;
using Inference.Protocols.TensorFlowServing;
using Inference.Requests;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests;

/// <summary>Every form of a request gives the same bytes for the same tensor, for every element type.</summary>
public sealed class FormsAgreeTests
{
    [Property(MaxTest = 100)]
    public void Forms_OfOneTensor_GiveTheSameTensor(int seed)
    {
        var random = new Random(seed);
        foreach (var type in Enum.GetValues<ElementType>())
        {
            using var tensor = RandomTensor.Create(type, random, isText: true);
            var model = Model(Of(type, -1, tensor.Shape[1], tensor.Shape[2]));

            AssertSame(tensor, PredictReader.Read(new PredictBody(Features(tensor)), model));
            AssertSame(tensor, PredictReader.Read(new PredictBody(Named("inputs", tensor, JsonDialect.Plain)), model));
            AssertSame(
                tensor, TensorFlowServingReader.Read(new TensorFlowServingBody(Named("inputs", tensor, JsonDialect.TensorFlow)), model));
            AssertSame(tensor, TensorFlowServingReader.Read(new TensorFlowServingBody(Rows(tensor)), model));
            AssertSame(tensor, OpenInferenceReader.Read(Binary(tensor), model.Signature));
            AssertSame(tensor, ModelInferReader.Read(new ReadOnlySequence<byte>(Grpc(tensor))).Request);
            if (type is not (ElementType.Float16 or ElementType.BFloat16))
                AssertSame(tensor, OpenInferenceReader.Read(OpenInference(tensor)));
        }
    }

    [Property(MaxTest = 100)]
    public void BinaryForms_OfAnyBytesAndNumbers_GiveTheSameTensor(int seed)
    {
        var random = new Random(seed);
        foreach (var type in Enum.GetValues<ElementType>())
        {
            using var tensor = RandomTensor.Create(type, random, isText: false);
            var model = Model(Of(type, -1, tensor.Shape[1], tensor.Shape[2]));

            AssertSame(
                tensor, TensorFlowServingReader.Read(new TensorFlowServingBody(Named("inputs", tensor, JsonDialect.TensorFlow)), model));
            AssertSame(tensor, TensorFlowServingReader.Read(new TensorFlowServingBody(Rows(tensor)), model));
            AssertSame(tensor, OpenInferenceReader.Read(Binary(tensor), model.Signature));
            AssertSame(tensor, ModelInferReader.Read(new ReadOnlySequence<byte>(Grpc(tensor))).Request);
        }
    }

    private static void AssertSame(Tensor expected, PredictionRequest read)
    {
        using var request = read;
        var input = Assert.Single(request.Inputs);
        Assert.Equal(("x", expected.Type, expected.Shape), (input.Name, input.Tensor.Type, input.Tensor.Shape));
        Assert.True(expected.Data.Span.SequenceEqual(input.Tensor.Data.Span), $"{expected.Type} {expected.Shape}");
    }

    private static ReadOnlyMemory<byte> Features(Tensor tensor) => Json(writer =>
    {
        writer.WritePropertyName("features");
        JsonTensorWriter.WriteNested(writer, new NamedTensor("x", tensor));
    });

    private static ReadOnlyMemory<byte> Named(string name, Tensor tensor, JsonDialect dialect) => Json(writer =>
    {
        writer.WriteStartObject(name);
        writer.WritePropertyName("x");
        JsonTensorWriter.WriteNested(writer, new NamedTensor("x", tensor), dialect);
        writer.WriteEndObject();
    });

    private static ReadOnlyMemory<byte> Rows(Tensor tensor) => Json(writer =>
    {
        writer.WriteStartArray("instances");
        for (var row = 0; row < tensor.Shape[0]; row++)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("x");
            JsonTensorWriter.WriteItem(writer, new NamedTensor("x", tensor.Rows(row, 1)), JsonDialect.TensorFlow);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private static ReadOnlyMemory<byte> OpenInference(Tensor tensor) => Json(writer =>
    {
        WriteInputs(writer, tensor, () =>
        {
            writer.WritePropertyName("data");
            JsonTensorWriter.WriteFlat(writer, new NamedTensor("x", tensor));
        });
    });

    private static InferBody Binary(Tensor tensor) => new(
        Json(writer => WriteInputs(writer, tensor, () =>
        {
            writer.WriteStartObject("parameters");
            writer.WriteNumber("binary_data_size", tensor.Data.Length);
            writer.WriteEndObject();
        })),
        tensor.Data.ToArray());

    private static byte[] Grpc(Tensor tensor) => new ModelInferRequest
    {
        Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = tensor.Type.Name(),
            Shape = { tensor.Shape.Dimensions.ToArray() } } },
        RawInputContents = { ByteString.CopyFrom(tensor.Data.Span) },
    }.ToByteArray();

    private static void WriteInputs(Utf8JsonWriter writer, Tensor tensor, Action writeData)
    {
        writer.WriteStartArray("inputs");
        writer.WriteStartObject();
        writer.WriteString("name", "x");
        writer.WriteString("datatype", tensor.Type.Name());
        SignatureWriter.WriteShape(writer, tensor.Shape);
        writeData();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
