using System.Diagnostics;
using Functions.Hosting;
using Inference;
using Microsoft.AspNetCore.Http;

namespace Functions.Tests.Hosting;

/// <summary>An error for a caller contains the reason, but no locations.</summary>
public sealed class CallerTextTests
{
    public CallerTextTests() => CallerText.SetFolders("/data/my models", "/var/cache/inference");

    [Theory]
    [InlineData(
        "Load model from /data/my models/iris/1/model.onnx failed:Protobuf parsing failed.",
        "Load model from iris/1/model.onnx failed:Protobuf parsing failed.")]
    [InlineData("Models cannot be read from /data/my models: Access to the path '/data/my models/iris' is denied.",
        "Models cannot be read from the model folder: Access to the path 'iris' is denied.")]
    [InlineData("Load model from /var/cache/inference/copies/3f/model.onnx failed.", "Load model from model.onnx failed.")]
    [InlineData("Could not find file '/home/some one/secret/vocab.txt'.", "Could not find file '[path]'.")]
    [InlineData("weights.bin is a link to /etc/ssl/private/key.pem, outside of it.", "weights.bin is a link to [path], outside of it.")]
    [InlineData("C:\\models\\iris\\1\\model.onnx is missing.", "[path] is missing.")]
    [InlineData("/data/my models2/iris is another folder.", "[path] models2/iris is another folder.")]
    public void Of_Path_IsNamedByItsPlaceInTheModelFolderOrNotAtAll(string message, string expected) =>
        Assert.Equal(expected, CallerText.Redact(message));

    [Theory]
    [InlineData(
        "/onnxruntime_src/onnxruntime/core/graph/model.cc:181 onnxruntime::Model::Model(onnx::ModelProto&&, const "
        + "onnxruntime::PathString&, const IOnnxRuntimeOpSchemaRegistryList*, const onnxruntime::logging::Logger&, const "
        + "onnxruntime::ModelOptions&) Unsupported model IR version: 99, max supported IR version: 11",
        "Unsupported model IR version: 99, max supported IR version: 11")]
    [InlineData(
        "Exception during initialization: /onnxruntime_src/include/onnxruntime/core/framework/op_kernel.h:83 const T* "
        + "onnxruntime::OpKernelContext::Input(int) const [with T = onnxruntime::Tensor] status.IsOK() was false. Missing Input: x",
        "Exception during initialization: Missing Input: x")]
    [InlineData("a.cc:7 ns::F(int) shape.NumDimensions() == 2 was false. The input must have two dimensions.",
        "The input must have two dimensions.")]
    [InlineData("a.cc:7 ns::F(int) size > 0 was false.", "size > 0 was false.")]
    [InlineData(
        "D:\\a\\_work\\1\\s\\onnxruntime\\core\\providers\\cpu\\gather.cc:95 onnxruntime::IndexDataAndUpdateOutput::<lambda(int)> indices "
        + "element out of data bounds, idx=9",
        "indices element out of data bounds, idx=9")]
    [InlineData("tensor.cc:12: shape is wrong (2, 3)", "shape is wrong (2, 3)")]
    public void Of_PlaceInNativeSource_IsLeftOut(string message, string expected) => Assert.Equal(expected, CallerText.Redact(message));

    [Theory]
    [InlineData(
        "The model store https://acct.blob.core.windows.net/models refused access (403 AuthorizationFailure).",
        "The model store [address] refused access (403 AuthorizationFailure).")]
    [InlineData("cannot be used (a.json): Name or service not known (acct.queue.core.windows.net:443).",
        "cannot be used (a.json): Name or service not known.")]
    [InlineData("The account acct.table.core.usgovcloudapi.net is gone.", "The account [address] is gone.")]
    [InlineData("The server http://fraud-model:5000/score of model fraud/1 cannot be reached (Connection refused (fraud-model:5000)).",
        "The server [address] of model fraud/1 cannot be reached (Connection refused).")]
    [InlineData("AccountName=acct;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net",
        "AccountName=[hidden];AccountKey=[hidden];EndpointSuffix=core.windows.net")]
    [InlineData("The blob?sv=1&sig=abc%3D is gone.", "The blob?sv=1&sig=[hidden] is gone.")]
    [InlineData("Busy. RequestId:4c1f-aa Time:1", "Busy.  Time:1")]
    [InlineData("Set A__blobServiceUri to https://acct.blob.core.windows.net, or A__accountName.",
        "Set A__blobServiceUri to [address], or A__accountName.")]
    [InlineData("https://<acct>.secret.blob.core.windows.net is gone.", "https://<acct>.[address] is gone.")]
    public void Of_AccountServerOrSecret_IsHidden(string message, string expected) => Assert.Equal(expected, CallerText.Redact(message));

    [Theory]
    [InlineData("Non-zero status code returned while running MatMul node. Name:'/encoder/layer.0/MatMul' Status Message: shapes differ")]
    [InlineData(
        "Model iris/1 does not load: ONNX Runtime says \"no opset 99\". Check that the file is a complete ONNX model of a supported opset.")]
    [InlineData("model.json:3:12: $.batching.maxBatch: 0 is not from 1 to 4096.")]
    [InlineData("The settings of model m cannot be used. model.json: \"at\" is \"/result/scores\".")]
    [InlineData("model.json: $.remote.url: \"x\" is not an address such as \"http://models:8000\": http or https, without user.")]
    [InlineData("remote.url has a path, which gRPC does not support. Write an address such as http://models:8001.")]
    [InlineData("Send [[5],[6]] for two items, as application/json.")]
    [InlineData("Set A__queueServiceUri to https://<account>.queue.core.windows.net, or A__accountName to the name of the account.")]
    [InlineData("Write https://<account>.blob.core.windows.net/<container>, or blob:<container>.")]
    public void Of_Reason_IsLeftAsItIs(string message) => Assert.Equal(message, CallerText.Redact(message));

    [Fact]
    public void Of_StackTrace_IsLeftOut() => Assert.Equal(
        "It failed.\nTry again.",
        CallerText.Redact("It failed.\n   at Inference.Catalog.ModelSlot.Fail(Int32 attempt) in /src/ModelSlot.cs:line 3\nTry again."));

    /// <summary>A runtime's message may contain a caller's text, so a long text must not make the search slow.</summary>
    [Theory]
    [InlineData("a")]
    [InlineData("a.")]
    [InlineData("a-.")]
    [InlineData("/a")]
    [InlineData("a.cc:1 b::")]
    [InlineData("a.cc:1 b::c() x was fals")]
    [InlineData("a.cc:1 b::c(")]
    [InlineData("a.cc:1 b<c> ")]
    [InlineData("://")]
    [InlineData("' /")]
    [InlineData("at ")]
    public void Of_LongText_EndsSoon(string part)
    {
        var watch = Stopwatch.StartNew();

        CallerText.Redact(string.Concat(Enumerable.Repeat(part, 1_000_000)));

        // On a busy machine, a search in linear time takes a second or two, and a search in quadratic time takes hours.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    /// <summary>A caller's own text is quoted unchanged.</summary>
    [Fact]
    public void Of_ErrorAboutTheRequest_QuotesIt()
    {
        const string Message = "\"/etc/passwd/x\" is unknown.";

        Assert.Equal(Message, CallerText.Redact(InferenceException.InvalidRequest(Message)));
        Assert.Equal(Message, CallerText.Redact(new BadHttpRequestException(Message)));
        Assert.Equal("\"[path]\" is unknown.", CallerText.Redact(new InferenceException(InferenceError.ModelUnavailable, Message)));
    }
}
