using System.Text;
using Inference.Models;
using Inference.Protocols.TensorFlowServing;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests.TensorFlowServing;

/// <summary>
/// Tests the examples of https://www.tensorflow.org/tfx/serving/api_rest, and bodies that json_tensor.cc of TensorFlow Serving refuses.
/// </summary>
public sealed class TensorFlowServingReaderTests
{
    private static readonly ModelSignature Three = new(
        [
            new TensorSpec("tag", ElementType.Bytes, new Shape(-1), ["n"]),
            new TensorSpec("signal", ElementType.Float32, new Shape(-1, 5), ["n", ""]),
            new TensorSpec("sensor", ElementType.Int32, new Shape(-1, 2, 2), ["n", "", ""]),
        ],
        [new TensorSpec("y", ElementType.Float32, new Shape(-1), ["n"])]);

    [Theory]
    [InlineData(
        """{"instances":[{"tag":"foo","signal":[1,2,3,4,5],"sensor":[[1,2],[3,4]]},{"sensor":[[4,5],[6,8]],"tag":"bar","signal":[3,4,1,2,5]}]}""", true)]
    [InlineData(
        """{"inputs":{"tag":["foo","bar"],"signal":[[1,2,3,4,5],[3,4,1,2,5]],"sensor":[[[1,2],[3,4]],[[4,5],[6,8]]]}}""", false)]
    [InlineData(
        """{"signature_name":"serving_default","context":{"x":[1]},"inputs":{"sensor":[[[1,2],[3,4]],[[4,5],[6,8]]],"tag":[{"b64":"Zm9v"},{"b64":"YmFy"}],"signal":[[1,2,3,4,5],[3,4,1,2,5]]}}""",
        false)]
    public void Read_RowsAndColumnsOfTheSpecification_AreTheSameTensors(string json, bool isRow)
    {
        var body = new TensorFlowServingBody(Utf8(json));

        using var request = TensorFlowServingReader.Read(body, Model(Three));

        Assert.Equal(isRow, body.Layout.HasRows);
        var inputs = request.Inputs.ToDictionary(input => input.Name, input => input.Tensor);
        Assert.Equal(new Shape(2, 5), inputs["signal"].Shape);
        Assert.Equal([1f, 2, 3, 4, 5, 3, 4, 1, 2, 5], inputs["signal"].Values<float>().ToArray());
        Assert.Equal(new Shape(2, 2, 2), inputs["sensor"].Shape);
        Assert.Equal([1, 2, 3, 4, 4, 5, 6, 8], inputs["sensor"].Values<int>().ToArray());
        Assert.Equal(["foo", "bar"], Texts(inputs["tag"]));
    }

    [Theory]
    [InlineData("""{"instances":[1.0,2.0,5.0]}""", new long[] { 3 })]
    [InlineData("""{"instances":[{"x":1},{"x":2},{"x":5}]}""", new long[] { 3 })]
    [InlineData("""{"inputs":[1.0,2.0,5.0]}""", new long[] { 3 })]
    [InlineData("""{"inputs":{"x":[1,2,5]},"signature_name":""}""", new long[] { 3 })]
    public void Read_OneInput_MayGoWithoutItsName(string json, long[] shape)
    {
        using var request = TensorFlowServingReader.Read(new TensorFlowServingBody(Utf8(json)), Model(Of(ElementType.Float32, -1)));

        Assert.Equal(new Shape(shape), request.Inputs[0].Tensor.Shape);
        Assert.Equal([1f, 2, 5], request.Inputs[0].Tensor.Values<float>().ToArray());
    }

    [Theory]
    [InlineData("""{"instances":[NaN,Infinity,-Infinity,1]}""")]
    [InlineData("""{"instances":[ NaN , Inf , -Inf , 1]}""")]
    [InlineData("""{"instances":[{"x":NaN},{"x":Infinity},{"x":-Infinity},{"x":1.0}]}""")]
    [InlineData("""{"NaN \" Infinity\\":["NaN"],"inputs":{"x":[NaN,Infinity,-Infinity,1]}}""")]
    public void Read_BareNonFiniteWords_AreValues(string json)
    {
        using var request = TensorFlowServingReader.Read(new TensorFlowServingBody(Utf8(json)), Model(Of(ElementType.Float64, -1)));

        Assert.Equal(
            [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1], request.Inputs[0].Tensor.Values<double>().ToArray());
    }

    [Theory]
    [InlineData("""{"instances":[{"b64":"aGVsbG8="},{"b64":"//4A"},"text"]}""")]
    [InlineData("""{"inputs":[{"b64":"aGVsbG8"},{"b64":"\/\/4A"},{ "b64" : "dGV4dA==" }]}""")]
    public void Read_Base64_IsBytes(string json)
    {
        using var request = TensorFlowServingReader.Read(new TensorFlowServingBody(Utf8(json)), Model(Of(ElementType.Bytes, -1)));

        var elements = new List<byte[]>();
        foreach (var element in new PackedBytes(request.Inputs[0].Tensor.Data.Span))
            elements.Add(element.ToArray());
        Assert.Equal(["hello"u8.ToArray(), [0xFF, 0xFE, 0], "text"u8.ToArray()], elements);
    }

    [Fact]
    public void Read_OneByteStringWithoutArray_IsAScalar()
    {
        using var request = TensorFlowServingReader.Read(
            new TensorFlowServingBody(Utf8("""{"inputs":{"b64":"aGVsbG8="}}""")), Model(Of(ElementType.Bytes)));

        Assert.Equal((new Shape(), "hello"), (request.Inputs[0].Tensor.Shape, Texts(request.Inputs[0].Tensor)[0]));
    }

    [Theory]
    [InlineData("{}", "neither \"instances\" nor \"inputs\"")]
    [InlineData("""{"instances":[{"tag":"a","signal":[1],"sensor":[1]}],"inputs":{"tag":[]}}""", "both \"instances\" and \"inputs\"")]
    [InlineData("""{"instances":[]}""", "\"instances\" is empty")]
    [InlineData("""{"instances":{"tag":1}}""", "instances is an object; an array is expected")]
    [InlineData("""{"instances":[1,2]}""",
        "\"instances\" without names is for a model with one input; this model has 3: \"tag\", \"signal\", \"sensor\"")]
    [InlineData("""{"inputs":[1,2]}""", "\"inputs\" without names is for a model with one input")]
    [InlineData("""{"inputs":{"tog":[1]}}""", "inputs: the model has no input \"tog\"")]
    [InlineData("""{"instances":[{"tag":"a"}]}""", "instances[0] has no \"signal\"; every instance has \"tag\", \"signal\", \"sensor\"")]
    [InlineData("""{"instances":[{"tag":"a","tag":"b"}]}""", "instances[0].tag is given twice")]
    [InlineData(
        """{"instances":[{"tag":"a","signal":[1],"sensor":[1]},7]}""", "instances[1] is a number; an object of inputs by name is expected")]
    [InlineData("""{"instances":[{"tag":"a","signal":[1],"sensor":[1]},{"tag":"a","signal":[1,2]}]}""",
        "instances[1].signal has shape [2], but this input has shape [1] in the instances before.")]
    [InlineData("""{"instances":[{"tag":["a"],"signal":[true]}]}""", "instances[0].signal[0] is a boolean")]
    [InlineData("""{"instances":[{"sensor":[NaN]}]}""", "instances[0].sensor[0]: NaN is not a value of INT32")]
    [InlineData("""{"instances":[{"tag":{"b64":"?"}}]}""", "instances[0].tag.b64 is not base64")]
    [InlineData("""{"instances":[{"tag":{"b64":7}}]}""", "instances[0].tag.b64 is a number")]
    [InlineData("""{"instances":[{"tag":{"b64":"","x":1}}]}""", "instances[0].tag has members besides \"b64\"")]
    [InlineData("""{"instances":[{"tag":{"b65":""}}]}""", "a string or {\"b64\":\"...\"} is expected")]
    [InlineData(
        """{"signature_name":"other","inputs":{}}""", "signature_name is \"other\"; the model has one signature, \"serving_default\"")]
    [InlineData("""{"signature_name":7}""", "signature_name is a number")]
    [InlineData("""{"inputs":{"signal":[Nan]}}""", "not valid JSON")]
    [InlineData("""{"inputs":{"signal":[--Infinity]}}""", "not valid JSON")]
    [InlineData("""{"instances":[""", "not valid JSON")]
    [InlineData("""{"instances":[{"\ud800\ud800":1}]}""", "not valid UTF-8 text")]
    public void Read_WrongBody_NamesTheProblem(string json, string message) =>
        AssertInvalid(message, () => TensorFlowServingReader.Read(new TensorFlowServingBody(Utf8(json)), Model(Three)));

    private static List<string> Texts(Tensor tensor)
    {
        var texts = new List<string>();
        foreach (var element in new PackedBytes(tensor.Data.Span))
            texts.Add(Encoding.UTF8.GetString(element));
        return texts;
    }
}
