using Inference.Models;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Tests.Requests;

public sealed class RequestCheckTests
{
    private static readonly ModelSignature TwoInputs = new(
        [Spec("a", ["batch", ""], Shape.Dynamic, 3), Spec("b", ["batch", "length"], Shape.Dynamic, Shape.Dynamic)],
        [Spec("sum", ["batch", ""], Shape.Dynamic, 3), Spec("product", ["batch", ""], Shape.Dynamic, 3)]);

    [Fact]
    public void Inputs_InAnyOrder_AreSorted()
    {
        using var request = Request(("b", new Shape(2, 5)), ("a", new Shape(2, 3)));

        var inputs = RequestCheck.ResolveInputs(TwoInputs, request);

        Assert.Equal([new Shape(2, 3), new Shape(2, 5)], inputs.Select(input => input.Shape));
    }

    [Theory]
    [InlineData("a", new long[] { 2, 3 }, "other", new long[] { 2, 3 },
        "inputs[1]: the model has no input \"other\"; its inputs are \"a\", \"b\".")]
    [InlineData("a", new long[] { 2, 3 }, "a", new long[] { 2, 3 }, "inputs[1]: input \"a\" is given twice.")]
    [InlineData("a", new long[] { 2, 4 }, "b", new long[] { 2, 3 }, "inputs[0]: shape [2,4] is given, but input \"a\" takes [-1,3]")]
    [InlineData("a", new long[] { 2, 3, 1 }, "b", new long[] { 2, 3 }, "inputs[0]: shape [2,3,1] is given")]
    [InlineData("a", new long[] { 2, 3 }, "b", new long[] { 2, 0 },
        "inputs[1]: shape [2,0] has a dimension of size 0, which this model does not support. The operators of the model are not known.")]
    public void Inputs_WrongInAnyWay_AreRefusedWithThePlaceAndBothShapes(
        string first, long[] firstShape, string second, long[] secondShape, string message)
    {
        using var request = Request((first, new Shape(firstShape)), (second, new Shape(secondShape)));

        var exception = Assert.Throws<InferenceException>(() => RequestCheck.ResolveInputs(TwoInputs, request));

        Assert.Equal(InferenceError.InvalidRequest, exception.Error);
        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_OneMissing_IsNamed()
    {
        using var request = Request(("a", new Shape(2, 3)));

        Assert.Contains(
            "\"b\"", Assert.Throws<InferenceException>(() => RequestCheck.ResolveInputs(TwoInputs, request)).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_AnotherType_IsRefusedWithBoth()
    {
        using var request =
            new PredictionRequest { Inputs = { new RequestInput("a", Tensor.Rent(ElementType.Int64, new Shape(1, 3)), "inputs[0]") } };

        var message = Assert.Throws<InferenceException>(() => RequestCheck.ResolveInputs(TwoInputs, request)).Message;

        Assert.Contains("INT64", message, StringComparison.Ordinal);
        Assert.Contains("FP32", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_DimensionsOfOneNameAndDifferentSizes_AreLeftToTheRuntime()
    {
        using var request = Request(("a", new Shape(2, 3)), ("b", new Shape(4, 3)));

        Assert.Equal([new Shape(2, 3), new Shape(4, 3)], RequestCheck.ResolveInputs(TwoInputs, request).Select(input => input.Shape));
    }

    /// <summary>
    /// CLIP compares each image with each text, so their numbers may differ. Keras names the rows of each column differently. Models
    /// broadcast the rows of wider inputs.
    /// </summary>
    [Theory]
    [InlineData("images", 3, "texts", 3, 1, true)]
    [InlineData("", 3, "", 3, 1, true)]
    [InlineData("n", 3, "n", 3, 1, true)]
    [InlineData("n", 1, "n", 3, 1, true)]
    [InlineData("unk__1", 1, "unk__2", 1, 1, false)]
    [InlineData("", 1, "", 1, 1, false)]
    [InlineData("", 1, "", 1, 0, false)]
    [InlineData("", 1, "", 3, 1, true)]
    public void Inputs_WhoseFirstDimensionsCountTheSameItems_NeedEqualNumbers(
        string firstName, long firstWidth, string secondName, long secondWidth, long rank, bool isTaken)
    {
        var outputs = rank == 1 ? Spec("y", [""], Shape.Dynamic) : Spec("y", []);
        var signature = new ModelSignature(
            [Spec("a", [firstName, ""], Shape.Dynamic, firstWidth), Spec("b", [secondName, ""], Shape.Dynamic, secondWidth)], [outputs]);
        using var equal = Request(("a", new Shape(2, firstWidth)), ("b", new Shape(2, secondWidth)));
        using var different = Request(("a", new Shape(2, firstWidth)), ("b", new Shape(1, secondWidth)));

        RequestCheck.ResolveInputs(signature, equal);
        if (isTaken)
        {
            RequestCheck.ResolveInputs(signature, different);
            return;
        }

        var refusal = Assert.Throws<InferenceException>(() => RequestCheck.ResolveInputs(signature, different));
        Assert.Equal(ErrorReason.InvalidShape, refusal.Reason);
        Assert.StartsWith($"Input \"b\" has 1 item (shape [1,{secondWidth}]) and input \"a\" has 2 items (shape [2,{firstWidth}])",
            refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_OfRunsOfOneItem_NeedEqualNumbersOfItems()
    {
        var single = new ModelSignature([Spec("a", ["", ""], 1, 3), Spec("b", ["", ""], 1, 2)], [Spec("sum", ["", ""], 1, 3)]);
        using var good = Request(("a", new Shape(4, 3)), ("b", new Shape(4, 2)));
        using var bad = Request(("a", new Shape(4, 3)), ("b", new Shape(5, 2)));

        RequestCheck.ResolveInputs(single, good);
        Assert.Equal(
            "Input \"b\" has 5 items (shape [5,2]) and input \"a\" has 4 items (shape [4,3]): the first dimension of every input must be "
            + "the number of items. Send equally many items for both.",
            Assert.Throws<InferenceException>(() => RequestCheck.ResolveInputs(single, bad)).Message);
    }

    [Theory]
    [InlineData(new long[] { 2, 0 }, null)]
    [InlineData(new long[] { 1 << 20, 0 }, null)]
    [InlineData(
        new long[] { (1 << 20) + 1, 0 },
        "inputs[0]: shape [1048577,0] has no elements, so the product of its other sizes may be at most 1048576.")]
    [InlineData(new long[] { 0, 3 }, "inputs[0]: shape [0,3] has no items; send at least one.")]
    public void Inputs_WithASizeOf0_AreAcceptedWhereTheOperatorsSurvive(long[] shape, string? refusal)
    {
        var signature = new ModelSignature([Spec("x", ["", ""], Shape.Dynamic, Shape.Dynamic)],
            [Spec("y", [""], Shape.Dynamic)])
        { ZeroSizeObstacle = null };
        using var request = Request(("x", new Shape(shape)));

        if (refusal is null)
            Assert.Equal(new Shape(shape), RequestCheck.ResolveInputs(signature, request)[0].Shape);
        else
            Assert.Equal(refusal, Assert.Throws<InferenceException>(() => RequestCheck.ResolveInputs(signature, request)).Message);
    }

    [Fact]
    public void Inputs_WithASizeOf0_KeepToTheNamesOfDimensions()
    {
        var signature = new ModelSignature(TwoInputs.Inputs, TwoInputs.Outputs) { ZeroSizeObstacle = null };
        using var equal = Request(("a", new Shape(2, 3)), ("b", new Shape(2, 0)));
        using var different = Request(("a", new Shape(2, 3)), ("b", new Shape(1, 0)));

        RequestCheck.ResolveInputs(signature, equal);
        Assert.Contains(
            "same name, \"batch\"", Assert.Throws<InferenceException>(() => RequestCheck.ResolveInputs(signature, different)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_WithoutADeclaredShape_TakeAny()
    {
        var signature =
            new ModelSignature([Spec("x", []) with { AcceptsAnyShape = true }], [Spec("y", []) with { AcceptsAnyShape = true }]);

        Assert.Equal(ItemAxis.None, signature.ItemAxis);
        Assert.All((Shape[])[new Shape(), new Shape(1), new Shape(2, 3)], shape =>
        {
            using var request = Request(("x", shape));
            Assert.Equal(shape, RequestCheck.ResolveInputs(signature, request)[0].Shape);
        });
    }

    [Fact]
    public void Inputs_OneElementForAScalar_IsTheScalar()
    {
        var scalar = new ModelSignature([Spec("x", [])], [Spec("y", [])]);
        using var request = Request(("x", new Shape(1)));
        using var two = Request(("x", new Shape(2)));
        using var nested = Request(("x", new Shape(1, 1)));
        request.Inputs[0].Tensor.Values<float>()[0] = 41;

        var input = RequestCheck.ResolveInputs(scalar, request)[0];

        Assert.Equal(new Shape(), input.Shape);
        Assert.Equal(41, input.Values<float>()[0]);
        Assert.Throws<InferenceException>(() => RequestCheck.ResolveInputs(scalar, two));
        Assert.Throws<InferenceException>(() => RequestCheck.ResolveInputs(scalar, nested));
    }

    [Fact]
    public void Inputs_OfAModelWithoutInputs_AreNone()
    {
        var constant = new ModelSignature([], [Spec("y", [""], 3)]);
        using var none = Request();
        using var one = Request(("x", new Shape(1)));

        Assert.Empty(RequestCheck.ResolveInputs(constant, none));
        Assert.Equal(
            "inputs[0]: the model has no input \"x\"; it has no inputs.",
            Assert.Throws<InferenceException>(() => RequestCheck.ResolveInputs(constant, one)).Message);
    }

    [Fact]
    public void Outputs_NamedOrNot_AreFound()
    {
        Assert.Equal([0, 1], RequestCheck.ResolveOutputs(TwoInputs, new PredictionRequest()));
        Assert.Equal([1], RequestCheck.ResolveOutputs(TwoInputs, new PredictionRequest { Outputs = { "product" } }));
        Assert.Throws<InferenceException>(() => RequestCheck.ResolveOutputs(TwoInputs, new PredictionRequest { Outputs = { "other" } }));
        Assert.Throws<InferenceException>(
            () => RequestCheck.ResolveOutputs(TwoInputs, new PredictionRequest { Outputs = { "sum", "sum" } }));
    }

    private static TensorSpec Spec(string name, string[] symbols, params long[] shape) =>
        new(name, ElementType.Float32, new Shape(shape), [.. symbols]);

    private static PredictionRequest Request(params (string Name, Shape Shape)[] inputs)
    {
        var request = new PredictionRequest();
        foreach (var (name, shape) in inputs)
            request.Inputs.Add(new RequestInput(name, Tensor.Rent(ElementType.Float32, shape), $"inputs[{request.Inputs.Count}]"));
        return request;
    }
}
