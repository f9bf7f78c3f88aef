using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Google.Protobuf;
using Inference.Models.Files;
using Inference.Protocols.OpenInference;
using Inference.Protocols.OpenInference.Grpc;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using InferParameter = Inference.Protocols.OpenInference.Grpc.Messages.InferParameter;
using InputTensor = Inference.Protocols.OpenInference.Grpc.Messages.ModelInferRequest.Types.InferInputTensor;

namespace Inference.Protocols.Tests.OpenInference.Grpc;

/// <summary>Compares the reader and writer of infer messages with the code that protobuf generates from the same .proto file.</summary>
public sealed class ModelInferCodecTests
{
    private static readonly Arbitrary<(ElementType Type, byte[][] Elements)> Tensors =
        ArbMap.Default.GeneratorFor<byte[]>().ArrayOf().Where(rows => rows.Length > 0)
        .Zip(Gen.Elements(Enum.GetValues<ElementType>()))
        .Select(pair => (pair.Item2, Array.ConvertAll(pair.Item1, bytes => Element(pair.Item2, bytes))))
        .ToArbitrary();

    [Property(MaxTest = 1_000)]
    public Property ReadAndWrite_RandomTensor_KeepEveryBitRawAndTyped() => Prop.ForAll(Tensors, tensor =>
    {
        var (type, elements) = tensor;
        var data = elements.SelectMany(element => element).ToArray();
        var raw = new ModelInferRequest
        {
            ModelName = "m",
            Inputs = { new InputTensor { Name = "x", Datatype = type.Name(), Shape = { elements.Length } } },
            RawInputContents = { ByteString.CopyFrom(data) },
        };

        var response = Echo(raw, pieces: 3);
        Assert.Equal(data, response.RawOutputContents.Single().ToByteArray());
        if (type is ElementType.Float16 or ElementType.BFloat16)
            return;

        // Typed contents that the writer has written are read back as the same tensor.
        raw.Parameters.Add("binary_data_output", new InferParameter { BoolParam = false });
        var typed = Echo(raw, pieces: 1);
        Assert.Empty(typed.RawOutputContents);
        var request = raw.Clone();
        request.RawInputContents.Clear();
        request.Inputs[0].Contents = typed.Outputs.Single().Contents;
        request.Parameters["binary_data_output"].BoolParam = true;
        Assert.Equal(data, Echo(request, pieces: 2).RawOutputContents.Single().ToByteArray());
    });

    [Fact]
    public void Read_Everything_IsWhereItBelongs()
    {
        var message = new ModelInferRequest
        {
            ModelName = "m",
            ModelVersion = "stable",
            Id = "7",
            Inputs = { Bytes("a", "x"), Bytes("b", "y") },
            Outputs = { new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "out" } },
            Parameters =
            {
                ["timeout"] = new InferParameter { Int64Param = 1500 }, ["priority"] = new InferParameter { Uint64Param = 3 },
                ["sequence_id"] = new InferParameter { Int64Param = 0 }, ["unknown"] = new InferParameter { StringParam = "x" },
            },
        };

        using var call = Read(message.ToByteArray());

        Assert.Equal(("m", "stable", "7"), (call.Model, call.Version, call.Request.Id));
        Assert.Equal((TimeSpan.FromMicroseconds(1500), 2), (call.Request.Timeout!.Value, call.Request.Priority));
        Assert.Equal(["a", "b"], call.Request.Inputs.Select(input => input.Name));
        Assert.Equal(["out"], call.Request.Outputs);
        Assert.True(call.Outputs.IsBinary("out"));

        static InputTensor Bytes(string name, string text) => new()
        {
            Name = name,
            Datatype = "BYTES",
            Shape = { 1 },
            Contents = new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8(text) } },
        };
    }

    [Fact]
    public void Read_NumbersOneByOneAndDataBeforeTheirShape_AreRead()
    {
        // inputs { contents { int64_contents: 1; int64_contents: 300 } shape: 2 datatype: "INT64" }
        byte[] message = [0x2A, 0x10, 0x2A, 0x05, 0x18, 1, 0x18, 0xAC, 0x02, 0x18, 2, 0x12, 5, .. "INT64"u8];

        using var call = Read(message);

        Assert.Equal([1, 300], call.Request.Inputs.Single().Tensor.Values<long>().ToArray());
    }

    [Theory]
    [InlineData("{ \"inputs\": [{ \"datatype\": \"INT8\", \"shape\": [\"1\"], \"contents\": { \"intContents\": [128] } }] }",
        "element 0 is out of the range of INT8")]
    [InlineData("{ \"inputs\": [{ \"datatype\": \"UINT8\", \"shape\": [\"1\"], \"contents\": { \"uintContents\": [256] } }] }",
        "is out of the range of UINT8")]
    [InlineData("{ \"inputs\": [{ \"datatype\": \"FP32\", \"shape\": [\"1\"], \"contents\": { \"intContents\": [1,1,1,1,1,1] } }] }",
        "has int_contents; the elements of FP32 belong in fp32_contents")]
    [InlineData("{ \"inputs\": [{ \"datatype\": \"INT32\", \"shape\": [\"3\"], \"contents\": { \"intContents\": [1, 2] } }] }",
        "2 elements, but its shape [3] declares 3")]
    [InlineData("{ \"inputs\": [{ \"datatype\": \"INT32\", \"shape\": [\"1\"], \"contents\": { \"intContents\": [1, 2] } }] }",
        "more than the 1 element ")]
    [InlineData(
        "{ \"inputs\": [{ \"datatype\": \"FP64\", \"shape\": [\"1000000000\", \"1000000000\"] }] }", "more elements than its contents")]
    [InlineData("{ \"inputs\": [{ \"datatype\": \"FP16\", \"shape\": [\"1\"] }] }", "send the data in raw_input_contents")]
    [InlineData("{ \"inputs\": [{ \"datatype\": \"BOOL\", \"shape\": [\"1\"] }], \"rawInputContents\": [\"Ag==\"] }", "byte 0 is 2")]
    [InlineData(
        "{ \"inputs\": [{ \"datatype\": \"BYTES\", \"shape\": [\"1\"] }], \"rawInputContents\": [\"Ag==\"] }", "are not BYTES elements")]
    [InlineData("{ \"inputs\": [{ \"datatype\": \"BOOL\", \"shape\": [\"1\"] }], \"rawInputContents\": [\"AQ==\", \"AQ==\"] }",
        "2 entries for 1 input:")]
    [InlineData(
        "{ \"inputs\": [{ \"datatype\": \"BOOL\", \"shape\": [\"1\"], \"contents\": { \"boolContents\": [true] } }], \"rawInputContents\": "
        + "[\"AQ==\"] }", "has its data twice")]
    [InlineData("{ \"inputs\": [{ \"parameters\": { \"shared_memory_region\": { \"stringParam\": \"r\" } } }] }", "no shared memory")]
    [InlineData("{ \"parameters\": { \"sequence_id\": { \"stringParam\": \"r\" } } }", "keeps no state between the requests of a sequence")]
    [InlineData("{ \"parameters\": { \"timeout\": { \"stringParam\": \"r\" } } }", "not a whole number of microseconds")]
    [InlineData("{ \"parameters\": { \"priority\": { \"int64Param\": \"-1\" } } }", "not a whole number from 0")]
    [InlineData("{ \"parameters\": { \"binary_data_output\": { \"int64Param\": \"1\" } } }", "not a bool_param")]
    public void Read_WrongRequest_NamesTheProblem(string json, string message) =>
        Signatures.AssertInvalid(message, () => Read(JsonParser.Default.Parse<ModelInferRequest>(json).ToByteArray()).Request);

    [Fact]
    public void Read_MutatedMessages_FailWithNothingButItsOwnError()
    {
        var random = Fuzzing.Random();
        var seed = new ModelInferRequest
        {
            ModelName = "m",
            Inputs =
            {
                new InputTensor { Name = "a", Datatype = "INT64", Shape = { 2, 2 },
                    Contents = new() { Int64Contents = { 1, -1, long.MaxValue, 3 } } },
                new InputTensor { Name = "b", Datatype = "BYTES", Shape = { 2 },
                    Contents = new() { BytesContents = { ByteString.Empty, ByteString.CopyFromUtf8("xyz") } } },
                new InputTensor { Name = "c", Datatype = "FP32", Shape = { 3 }, Contents = new() { Fp32Contents = { 1, 2, 3 } } },
            },
            Outputs = { new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "y",
                Parameters = { ["classification"] = new InferParameter { Int64Param = 2 } } } },
            Parameters = { ["timeout"] = new InferParameter { Int64Param = 5 } },
        };
        var raw = new ModelInferRequest
        {
            Inputs = { new InputTensor { Datatype = "BYTES", Shape = { 2 } } },
            RawInputContents = { ByteString.CopyFrom(1, 0, 0, 0, 65, 0, 0, 0, 0) }
        };
        byte[][] seeds = [seed.ToByteArray(), raw.ToByteArray()];
        var read = 0;
        for (var i = 0; i < Fuzzing.Iterations; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Read(Mutate(seeds[i % 2], random), 1 + (i % 4)).Dispose();
                read++;
            }
            catch (InferenceException e) when (e.Error == InferenceError.InvalidRequest)
            {
                // The reader has refused the message with its own error.
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Fuzzing.MaxBytes);
        }

        // Enough mutated messages must be valid, so that the code that reads the data is tested too.
        Assert.InRange(read, Fuzzing.Iterations / 40, Fuzzing.Iterations);
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var position = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[position] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[position] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.Insert(position, (byte)random.Next(256));
                    break;
                default:
                    bytes.RemoveAt(position);
                    break;
            }
        }

        return [.. bytes];
    }

    [Fact]
    public void Write_ModelHasADigest_IsAParameter()
    {
        using var tensor = Tensor.Create<float>(ElementType.Float32, new Shape(1), [1]);
        var model = Signatures.Model(Signatures.Of(ElementType.Float32, -1), []) with { Digest = new ModelDigest("model.onnx", "ab") };
        var writer = new ModelInferWriter(new Prediction(model, id: null, [new NamedTensor("y", tensor)]), new OutputForms());
        var output = new ArrayBufferWriter<byte>();

        writer.Write(output);

        Assert.Equal(writer.Size, output.WrittenCount);
        Assert.Equal("sha256:ab", ModelInferResponse.Parser.ParseFrom(output.WrittenSpan).Parameters["model_digest"].StringParam);
    }

    private static ModelInferResponse Echo(ModelInferRequest message, int pieces)
    {
        using var call = Read(message.ToByteArray(), pieces);
        var input = call.Request.Inputs.Single();
        using var prediction = Signatures.CreatePrediction(Signatures.Of(input.Tensor.Type, -1), [], new NamedTensor("y", input.Tensor));
        var writer = new ModelInferWriter(prediction, call.Outputs);
        var output = new ArrayBufferWriter<byte>();
        writer.Write(output);
        Assert.Equal(writer.Size, output.WrittenCount);
        return ModelInferResponse.Parser.ParseFrom(output.WrittenSpan);
    }

    private static InferCall Read(byte[] message, int pieces = 1) => ModelInferReader.Read(Pieces.Of(message, pieces));

    private static byte[] Element(ElementType type, byte[] bytes)
    {
        if (type == ElementType.Bytes)
            return [.. BitConverter.GetBytes(bytes.Length), .. bytes];
        Array.Resize(ref bytes, type.Size());
        return type == ElementType.Bool ? [(byte)(bytes[0] & 1)] : bytes;
    }
}
