using System.Buffers;
using System.Text;
using Inference.Protocols.OpenInference;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests.OpenInference;

/// <summary>Tests the binary tensor data extension by its specification (Triton's docs/protocol/extension_binary_data.md).</summary>
public sealed class BinaryTensorTests
{
    /// <summary>The specification's example.</summary>
    private const string Example =
        """
        {
          "model_name" : "mymodel",
          "inputs" : [
            { "name" : "input0", "shape" : [ 2, 2 ], "datatype" : "UINT32", "parameters" : { "binary_data_size" : 16 } },
            { "name" : "input1", "shape" : [ 3 ], "datatype" : "BOOL", "parameters" : { "binary_data_size" : 3 } }
          ],
          "outputs" : [ { "name" : "output0", "parameters" : { "binary_data" : true } } ]
        }
        """;

    [Fact]
    public void Read_SpecificationsExample_ReturnsViewsOfTheBody()
    {
        byte[] tensors = [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 255, 255, 255, 255, 1, 0, 1];
        var body = new InferBody(Utf8(Example), tensors);

        using var request = OpenInferenceReader.Read(body, Named("input0", "input1"));

        Assert.Equal([1, 2, 3, uint.MaxValue], request.Inputs[0].Tensor.Values<uint>().ToArray());
        Assert.Equal([true, false, true], request.Inputs[1].Tensor.Values<bool>().ToArray());
        Assert.True(body.Outputs.IsBinary("output0"));
        tensors[0] = 9;
        Assert.Equal(9u, request.Inputs[0].Tensor.Values<uint>()[0]);
    }

    [Fact]
    public void WritePrediction_SpecificationsExample_DeclaresTheBinaryOutput()
    {
        var output = new NamedTensor("output0", Tensor.Create<float>(ElementType.Float32, new Shape(3, 2), [1, 2, 3, 4, 5, 6]));

        Assert.Equal(
            "{\"model_name\":\"m\",\"model_version\":\"3\",\"outputs\":[{\"name\":\"output0\",\"datatype\":\"FP32\",\"shape\":[3,2],\"parameters\":{\"binary_data_size\":24}}]}",
            Write(Example, output));
    }

    [Theory]
    [InlineData("", "", false)]
    [InlineData("", "\"binary_data_output\":true", true)]
    [InlineData("\"binary_data\":false", "\"binary_data_output\":true", false)]
    [InlineData("\"binary_data\":true", "\"binary_data_output\":false", true)]
    [InlineData("\"classification\":2", "\"binary_data_output\":true,\"timeout\":7", true)]
    public void Read_FormOfAnOutput_IsItsOwnElseTheRequests(string ofOutput, string ofRequest, bool isBinary)
    {
        var body = new InferBody(
            Utf8($"{{\"inputs\":[],\"outputs\":[{{\"parameters\":{{{ofOutput}}},\"name\":\"y\"}}],\"parameters\":{{{ofRequest}}}}}"),
            Memory<byte>.Empty);

        OpenInferenceReader.Read(body, Named("input0", "input1")).Dispose();

        Assert.Equal(isBinary, body.Outputs.IsBinary("y"));
    }

    [Fact]
    public void Read_UnalignedTensorAndByteStringsAndJson_AreReadInOrder()
    {
        byte[] tensors = [1, 2, 0, 0, 0, (byte)'h', (byte)'i', 0, 0, 0, 0, 0, 0, 128, 63, 0, 60];
        var body = new InferBody(
            Utf8("""
                {"inputs":[
                  {"name":"flag","shape":[1],"datatype":"BOOL","parameters":{"binary_data_size":1}},
                  {"name":"json","shape":[2],"datatype":"INT64","data":[7,8]},
                  {"name":"text","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":10}},
                  {"name":"one","parameters":{"binary_data_size":4},"datatype":"FP32","shape":[]},
                  {"name":"half","shape":[1],"datatype":"FP16","parameters":{"binary_data_size":2}}]}
                """),
            tensors);

        using var request = OpenInferenceReader.Read(body, Named("flag", "json", "text", "one", "half"));

        Assert.Equal([7, 8], request.Inputs[1].Tensor.Values<long>().ToArray());
        Assert.Equal(["hi", ""], Texts(request.Inputs[2].Tensor));
        Assert.Equal(1f, request.Inputs[3].Tensor.Values<float>()[0]);
        Assert.Equal((Half)1, request.Inputs[4].Tensor.Values<Half>()[0]);
    }

    [Theory]
    [InlineData("\"shape\":[2,2],\"datatype\":\"UINT32\",\"parameters\":{\"binary_data_size\":15}", 15,
        "inputs[0]: its binary data are 15 bytes, but shape [2,2] of UINT32 takes 16 bytes")]
    [InlineData("\"shape\":[2,2],\"datatype\":\"UINT32\",\"parameters\":{\"binary_data_size\":16}", 12,
        "binary_data_size is 16, but 12 of the 12 bytes after the JSON are left")]
    [InlineData("\"shape\":[2,2],\"datatype\":\"UINT32\",\"parameters\":{\"binary_data_size\":16}", 17,
        "1 of the 17 bytes after the JSON belongs to no input")]
    [InlineData("\"shape\":[1],\"datatype\":\"UINT32\",\"data\":[1]", 4, "4 of the 4 bytes after the JSON belong to no input")]
    [InlineData(
        "\"shape\":[1],\"datatype\":\"UINT32\",\"data\":[1],\"parameters\":{\"binary_data_size\":4}", 4, "inputs[0] has its data twice")]
    [InlineData(
        "\"shape\":[1],\"datatype\":\"UINT32\",\"parameters\":{\"binary_data_size\":-4}", 4, "binary_data_size is not a whole number")]
    [InlineData(
        "\"shape\":[1],\"datatype\":\"UINT32\",\"parameters\":{\"binary_data_size\":\"4\"}", 4, "binary_data_size is not a whole number")]
    [InlineData("\"shape\":[1],\"datatype\":\"UINT32\",\"parameters\":7", 4, "inputs[0].parameters is a number; an object is expected")]
    [InlineData("\"shape\":[1],\"datatype\":\"UINT32\"", 4, "inputs[0].data is missing")]
    [InlineData("\"datatype\":\"UINT32\",\"parameters\":{\"binary_data_size\":4}", 4, "inputs[0].shape is missing")]
    [InlineData("\"shape\":[3037000500,3037000500,4],\"datatype\":\"UINT32\",\"parameters\":{\"binary_data_size\":4}", 4,
        "inputs[0].shape [3037000500,3037000500,4] declares more elements")]
    [InlineData("\"shape\":[4611686018427387904],\"datatype\":\"UINT32\",\"parameters\":{\"binary_data_size\":0}", 0,
        "takes 18446744073709551616 bytes")]
    [InlineData("\"shape\":[2],\"datatype\":\"BOOL\",\"parameters\":{\"binary_data_size\":2}", 2,
        "inputs[0]: byte 0 is 5; a BOOL is one byte, 0 or 1")]
    [InlineData(
        "\"shape\":[1],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":8}", 8, "inputs[0]: its data (8 bytes) are not BYTES elements")]
    public void Read_SizesThatDisagree_AreRefusedWithThePlace(string members, int bytes, string message)
    {
        var tensors = new byte[bytes];
        tensors.AsSpan().Fill(5);

        AssertInvalid(message,
            () => OpenInferenceReader.Read(
                new InferBody(Utf8($"{{\"inputs\":[{{\"name\":\"x\",{members}}}]}}"), tensors), Of(ElementType.UInt32, -1)));
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 65 }, 2, "hold 1 element, but its shape [2] declares 2")]
    [InlineData(new byte[] { 255, 255, 255, 255, 65 }, 1, "are not BYTES elements")]
    [InlineData(new byte[] { 0, 0, 0 }, 1, "are not BYTES elements")]
    public void Read_ByteStringsThatDisagree_AreRefused(byte[] tensors, int count, string message) =>
        AssertInvalid(message, () => OpenInferenceReader.Read(
            new InferBody(
                Utf8($"{{\"inputs\":[{{\"name\":\"x\",\"shape\":[{count}],\"datatype\":\"BYTES\",\"parameters\":{{\"binary_data_size\":{tensors.Length}}}}}]}}"), tensors),
            Of(ElementType.Bytes, -1)));

    [Theory]
    [InlineData(new long[] { -1, 2 }, 16, new long[] { 2, 2 })]
    [InlineData(new long[] { -1, -1 }, 16, new long[] { 1, 4 })]
    [InlineData(new long[] { 2, 2 }, 16, new long[] { 2, 2 })]
    [InlineData(new long[] { 2, -1 }, 16, new long[] { 2, 2 })]
    public void Read_RawBody_IsTheOneInput(long[] input, int bytes, long[] shape)
    {
        var body = new InferBody(ReadOnlyMemory<byte>.Empty, new byte[bytes]);

        using var request = OpenInferenceReader.Read(body, Of(ElementType.Float32, input));

        Assert.Equal(("x", new Shape(shape)), (request.Inputs[0].Name, request.Inputs[0].Tensor.Shape));
        Assert.True(body.Outputs.IsBinary("y"));
    }

    [Fact]
    public void Read_RawByteString_IsOneElementWithoutItsLength()
    {
        using var request =
            OpenInferenceReader.Read(new InferBody(ReadOnlyMemory<byte>.Empty, "hello"u8.ToArray()), Of(ElementType.Bytes, -1));

        Assert.Equal(["hello"], Texts(request.Inputs[0].Tensor));
    }

    [Theory]
    [InlineData(new long[] { -1, 2 }, 12, "its binary data are 12 bytes, but shape [1,2] of FP32 takes 8 bytes")]
    [InlineData(new long[] { 2, 2 }, 12, "takes 16 bytes")]
    [InlineData(new long[] { -1, -1, -1 }, 12, "Send its shape as JSON")]
    public void Read_RawBodyThatDoesNotFit_IsRefused(long[] input, int bytes, string message) =>
        AssertInvalid(message, () =>
            OpenInferenceReader.Read(new InferBody(ReadOnlyMemory<byte>.Empty, new byte[bytes]), Of(ElementType.Float32, input)));

    [Fact]
    public void WritePrediction_HalfPrecision_RoundTrips()
    {
        var half = new NamedTensor("y", Tensor.Create(ElementType.Float16, new Shape(1), [(Half)1.5f]));

        Assert.Contains("\"binary_data_size\":2", Write("{\"inputs\":[],\"parameters\":{\"binary_data_output\":true}}", half),
            StringComparison.Ordinal);
        Assert.Contains("\"data\":[1.5]", Write("{\"inputs\":[]}", half), StringComparison.Ordinal);
    }

    private static string Write(string request, NamedTensor output)
    {
        var tensors = request == Example ? new byte[19] : [];
        var body = new InferBody(Utf8(request), tensors);
        OpenInferenceReader.Read(body, Named("input0", "input1")).Dispose();
        // The prediction is not disposed, because a test may write its output twice.
        var prediction = CreatePrediction(Of(ElementType.Float32, -1), [], output);
        var buffer = new ArrayBufferWriter<byte>();
        OpenInferenceWriter.WritePrediction(buffer, prediction, body.Outputs);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static List<string> Texts(Tensor tensor)
    {
        var texts = new List<string>();
        foreach (var element in new PackedBytes(tensor.Data.Span))
            texts.Add(Encoding.UTF8.GetString(element));
        return texts;
    }
}
