using System.Buffers;
using System.Text;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Predict;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests.Predict;

/// <summary>Tests predict bodies that name their inputs, and the parameters that define the response.</summary>
public sealed class NamedInputsTests
{
    private static readonly ModelSignature Two = new(
        [
            new TensorSpec("ids", ElementType.Int64, new Shape(-1, 3), ["n", ""]),
            new TensorSpec("image", ElementType.Float32, new Shape(-1, 2, 2), ["n", "", ""]),
        ],
        [new TensorSpec("y", ElementType.Float32, new Shape(-1, 7), ["n", ""])]);

    [Theory]
    [InlineData("""{"inputs":{"ids":[1,2,3],"image":[[0.5,1],[2,3]]}}""", 1)]
    [InlineData("""{"inputs":{"image":[0.5,1,2,3],"ids":[[1,2,3]]}}""", 1)]
    [InlineData("""{"parameters":{},"inputs":{"ids":[[1,2,3],[4,5,6]],"image":[[0.5,1,2,3],[4,5,6,7]]}}""", 2)]
    [InlineData("""{"inputs":{"ids":[[1,2,3],[4,5,6]],"image":[[[0.5,1],[2,3]],[[4,5],[6,7]]]}}""", 2)]
    public void Read_NamedInputs_AreItemsOfEachInput(string body, long items)
    {
        using var request = PredictReader.Read(new PredictBody(Utf8(body)), Model(Two));

        var (ids, image) = (request.Inputs.Single(input => input.Name == "ids"), request.Inputs.Single(input => input.Name == "image"));
        Assert.Equal((new Shape(items, 3), new Shape(items, 2, 2)), (ids.Tensor.Shape, image.Tensor.Shape));
        Assert.Equal([1, 2, 3], ids.Tensor.Values<long>()[..3].ToArray());
        Assert.Equal([0.5f, 1, 2, 3], image.Tensor.Values<float>()[..4].ToArray());
        Assert.Equal("inputs.image", image.Path);
    }

    [Fact]
    public void Read_OneNamedInput_EqualsFeatures()
    {
        using var named =
            PredictReader.Read(new PredictBody(Utf8("""{"inputs":{"x":[[1,2],[3,4]]}}""")), Model(Of(ElementType.Float32, -1, 2)));

        Assert.Equal([1f, 2, 3, 4], named.Inputs[0].Tensor.Values<float>().ToArray());
        Assert.Equal(new Shape(2, 2), named.Inputs[0].Tensor.Shape);
    }

    [Theory]
    [InlineData("""{"features":[1]}""", "this model has 2: \"ids\", \"image\". Name them: {\"inputs\": {\"ids\": [...], ...}}")]
    [InlineData("""{"inputs":[{"name":"ids"}]}""", "which only the Open Inference call /v2/models/<model>/infer accepts")]
    [InlineData("""{"inputs":7}""", "inputs is a number; an object is expected")]
    [InlineData("""{"inputs":{"idz":[1]}}""", "the model has no input \"idz\"; its inputs are \"ids\", \"image\"")]
    [InlineData("""{"inputs":{"ids":[1,2.5]}}""", "inputs.ids[1]: 2.5 is not a value of INT64")]
    [InlineData("""{"inputs":{"ids":[1]},"inputs":{}}""", "inputs is given twice")]
    [InlineData(
        """{"parameters":{}}""", "\"features\" is missing; the body is {\"features\": [...]} or {\"inputs\": {\"<name>\": [...], ...}}")]
    [InlineData("""{"inputs":{},"parameters":7}""", "parameters is a number; an object is expected")]
    [InlineData("""{"inputs":{},"parameters":{"top":1}}""", "parameters: \"top\" is unknown; the parameter is \"top_k\"")]
    [InlineData("""{"inputs":{},"parameters":{"top_k":1,"top_k":1}}""", "parameters.top_k is given twice")]
    [InlineData("""{"inputs":{},"parameters":{"top_k":-1}}""", "parameters.top_k is not a whole number from 0 to 1000")]
    [InlineData("""{"inputs":{},"parameters":{"top_k":1001}}""", "parameters.top_k is not a whole number")]
    [InlineData("""{"inputs":{},"parameters":{"top_k":1.5}}""", "parameters.top_k is not a whole number")]
    [InlineData("""{"inputs":{},"parameters":{"top_k":"3"}}""", "parameters.top_k is not a whole number")]
    public void Read_WrongBody_NamesTheProblem(string body, string message) =>
        AssertInvalid(message, () => PredictReader.Read(new PredictBody(Utf8(body)), Model(Two)));

    [Fact]
    public void Read_FeaturesAndInputs_ExcludeEachOther() => AssertInvalid(
        "cannot be combined",
        () => PredictReader.Read(new PredictBody(Utf8("""{"features":[1],"inputs":{"x":[1]}}""")), Model(Of(ElementType.Float32, -1))));

    [Theory]
    [InlineData("", 5)]
    [InlineData(""","parameters":{"top_k":0}""", 0)]
    [InlineData(""","parameters":{"top_k":2}""", 2)]
    [InlineData(""","parameters":{"top_k":1000}""", 7)]
    public void Write_TopK_IsTheNumberOfLabels(string parameters, int labels)
    {
        var signature = Of(ElementType.Float32, -1, 7);
        var body = new PredictBody(Utf8($$"""{"features":[1,2,3,4,5,6,7]{{parameters}}}"""));
        PredictReader.Read(body, Model(signature)).Dispose();
        var scores = new NamedTensor("y", Tensor.Create(ElementType.Float32, new Shape(1, 7), [1f, 2, 3, 4, 5, 6, 7]));
        using var prediction = CreatePrediction(signature, ["a", "b", "c", "d", "e", "f", "g"], scores);

        var buffer = new ArrayBufferWriter<byte>();
        PredictWriter.Write(buffer, prediction, body.Format);

        var response = JsonDocument.Parse(Encoding.UTF8.GetString(buffer.WrittenSpan)).RootElement;
        Assert.Equal(labels > 0, response.TryGetProperty("labels", out var written));
        Assert.Equal(
            "gfedcba"[..labels],
            labels == 0 ? "" : string.Concat(written[0].EnumerateArray().Select(label => label.GetProperty("label").GetString())));
    }
}
