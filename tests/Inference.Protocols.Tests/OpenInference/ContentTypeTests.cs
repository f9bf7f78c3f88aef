using System.Buffers;
using System.Text;
using Google.Protobuf;
using Inference.Protocols.OpenInference;
using Inference.Protocols.OpenInference.Grpc;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Requests;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;
using InferParameter = Inference.Protocols.OpenInference.Grpc.Messages.InferParameter;

namespace Inference.Protocols.Tests.OpenInference;

/// <summary>
/// The content types of MLServer. A type that changes the values is decoded. A type that repeats the datatype is accepted. Any other type
/// is refused by its name.
/// </summary>
public sealed class ContentTypeTests
{
    [Theory]
    [InlineData("base64", "aGVsbG8=", "YQ", "hello", "a")]
    [InlineData("str", "aGVsbG8=", "YQ", "aGVsbG8=", "YQ")]
    [InlineData("np", "aGVsbG8=", "", "aGVsbG8=", "")]
    [InlineData("", "aGVsbG8=", "", "aGVsbG8=", "")]
    public void Read_Bytes_AreDecodedByTheContentType(string contentType, string first, string second, params string[] expected)
    {
        var parameters = $$"""{"content_type":"{{contentType}}"}""";
        using var json =
            ReadJson($$"""{"data":["{{first}}","{{second}}"],"parameters":{{parameters}},"name":"x","datatype":"BYTES","shape":[2]}""");
        using var binary = OpenInferenceReader.Read(new InferBody(
            Utf8($$$"""{"inputs":[{"name":"x","datatype":"BYTES","shape":[2],"parameters":{"content_type":"{{{contentType}}}","binary_data_size":{{{8 + first.Length + second.Length}}}}}]}"""),
            Packed(first, second)), Named("x"));
        using var grpc = ReadGrpc(contentType, first, second);

        Assert.All([json, binary, grpc], request => Assert.Equal(expected, Texts(request)));
    }

    [Theory]
    [InlineData(
        "BYTES", "\"hg_json\"",
        "inputs[0].parameters.content_type: \"hg_json\" is not supported. Supported are \"np\", \"str\" and \"base64\". Decode the data")]
    [InlineData("BYTES", "\"datetime\"", "\"datetime\" is not supported")]
    [InlineData("BYTES", "\"BASE64\"", "\"BASE64\" is not supported")]
    [InlineData("BYTES", "\"base64\"", "inputs[0]: element 0 is not base64")]
    [InlineData("INT32", "\"base64\"", "content_type is \"base64\", which is for BYTES, but the datatype is INT32")]
    [InlineData("INT32", "\"str\"", "content_type is \"str\", which is for BYTES, but the datatype is INT32")]
    [InlineData("INT32", "7", "inputs[0].parameters.content_type is a number")]
    public void Read_ContentTypeThatCannotBeFollowed_IsRefusedByName(string datatype, string contentType, string message)
    {
        var data = datatype == "BYTES" ? "\"***\"" : "1";
        AssertInvalid(message,
            () => ReadJson(
                $$"""{"name":"x","datatype":"{{datatype}}","shape":[1],"parameters":{"content_type":{{contentType}} },"data":[{{data}}]}"""));
    }

    [Theory]
    [InlineData("base64", "belongs to the parameters of an input")]
    [InlineData("hg_json", "parameters.content_type: \"hg_json\" is not supported")]
    [InlineData("pd", null)]
    [InlineData("np", null)]
    [InlineData("str", null)]
    public void Read_ContentTypeOfTheRequest_IsOneThatChangesNothing(string contentType, string? message) =>
        AssertTaken($$$"""{"inputs":[],"parameters":{"content_type":"{{{contentType}}}"}}""", message);

    [Theory]
    [InlineData("base64", "outputs[0].parameters.content_type: \"base64\" is not supported")]
    [InlineData("str", null)]
    public void Read_ContentTypeOfAnOutput_IsOneThatChangesNothing(string contentType, string? message) =>
        AssertTaken($$$"""{"inputs":[],"outputs":[{"name":"y","parameters":{"content_type":"{{{contentType}}}"}}]}""", message);

    [Fact]
    public void ReadGrpc_UnknownContentType_IsRefusedByName() =>
        AssertInvalid("\"hg_json\" is not supported", () => ReadGrpc("hg_json", "a"));

    private static void AssertTaken(string body, string? message)
    {
        if (message is null)
            OpenInferenceReader.Read(Utf8(body)).Dispose();
        else
            AssertInvalid(message, () => OpenInferenceReader.Read(Utf8(body)));
    }

    private static PredictionRequest ReadJson(string input) => OpenInferenceReader.Read(Utf8($"{{\"inputs\":[{input}]}}"));

    private static PredictionRequest ReadGrpc(string contentType, params string[] texts)
    {
        var message = new ModelInferRequest
        {
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = "x",
                    Datatype = "BYTES",
                    Shape = { texts.Length },
                    Parameters = { ["content_type"] = new InferParameter { StringParam = contentType } },
                    Contents = new InferTensorContents { BytesContents = { texts.Select(ByteString.CopyFromUtf8) } },
                },
            },
        };
        return ModelInferReader.Read(new ReadOnlySequence<byte>(message.ToByteArray())).Request;
    }

    private static byte[] Packed(params string[] texts) =>
        [.. texts.SelectMany(text => (byte[])[.. BitConverter.GetBytes(text.Length), .. Encoding.UTF8.GetBytes(text)])];

    private static List<string> Texts(PredictionRequest request)
    {
        var texts = new List<string>();
        foreach (var element in new PackedBytes(request.Inputs.Single().Tensor.Data.Span))
            texts.Add(Encoding.UTF8.GetString(element));
        return texts;
    }
}
