using System.Text;
using Inference.Models;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Onnx.Tests;

public sealed class OutputPartsTests(OnnxFixture onnx) : IClassFixture<OnnxFixture>
{
    [Fact]
    public async Task LoadAsync_MapForEachItem_IsKeysAndValuesWithItems()
    {
        await using var session = await onnx.LoadAsync("classifier");

        Assert.Equal(["label", "probabilities.keys", "probabilities.values"], session.Signature.Outputs.Select(output => output.Name));
        Assert.Equal([ElementType.Bytes, ElementType.Bytes, ElementType.Float32], session.Signature.Outputs.Select(output => output.Type));
        Assert.Equal(ItemAxis.Dynamic, session.Signature.ItemAxis);
    }

    [Fact]
    public async Task LoadAsync_MapOfAModelOfOneItem_HasItems()
    {
        await using var session = await onnx.LoadAsync("classifier_one");

        Assert.Equal(ItemAxis.Single, session.Signature.ItemAxis);
    }

    [Theory]
    [InlineData("pieces")]
    [InlineData("sequence_out")]
    public async Task LoadAsync_List_HasNoItems(string model)
    {
        await using var session = await onnx.LoadAsync(model);

        Assert.Equal(ItemAxis.None, session.Signature.ItemAxis);
    }

    [Theory]
    [InlineData("p = ai.onnx.ml::ZipMap(x) classlabels_int64s=[0,1]; p.values = Relu(x); out p; out p.values f32[n,2]", "p", "p.values")]
    [InlineData("p = ai.onnx.ml::ZipMap(x) classlabels_int64s=[0,1]; p.keys = Relu(x); out p.keys f32[n,2]; out p", "p", "p.keys")]
    [InlineData("s = SplitToSequence(x); s.shapes = Relu(x); out s; out s.shapes f32[n,2]", "s", "s.shapes")]
    [InlineData(
        "q = ai.onnx.ml::ZipMap(x) classlabels_int64s=[0,1]; q.keys = ai.onnx.ml::ZipMap(x) classlabels_int64s=[2,3]; out q; out q.keys",
        "q", "q.keys")]
    public async Task LoadAsync_PartWithTheNameOfAnOutput_IsRefusedWithBothNames(string graph, string output, string other)
    {
        using var folder = new TempFolder();
        var path = folder.Combine("model.onnx");
        await File.WriteAllBytesAsync(path, OnnxText.Compile($"in x f32[n,2]; {graph}"));

        var refused = await Assert.ThrowsAsync<InferenceException>(() => onnx.LoadFileAsync(path));

        Assert.Equal(InferenceError.ModelUnavailable, refused.Error);
        Assert.Equal((true, FailureCause.Files), (refused.LastsUntilFilesChange, refused.Cause));
        Assert.Contains(
            $"output \"{output}\" is served as tensors, one of which is \"{other}\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains("rename one of the two", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_TwoOutputsOfOneName_AreRefusedWithTheName()
    {
        using var folder = new TempFolder();
        var path = folder.Combine("model.onnx");
        await File.WriteAllBytesAsync(
            path, OnnxText.Compile("in x f32[n,2]; y = Relu(x); z = Neg(x); out y f32[n,2]; out z f32[n,2]; out y f32[n,2]"));

        var refused = await Assert.ThrowsAsync<InferenceException>(() => onnx.LoadFileAsync(path));

        Assert.Equal((InferenceError.ModelUnavailable, FailureCause.Files), (refused.Error, refused.Cause));
        Assert.Contains("output \"y\" is in the graph's list of outputs more than once", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThrowIfMissing_ResultWithoutValue_NamesTheOutput()
    {
        await using var session = await onnx.LoadAsync("classifier");
        using var label = OnnxFixture.Floats(new Shape(1), 1);

        var failed = Assert.Throws<InferenceException>(() => OutputParts.ThrowIfMissing([label, null], [0, 2], session.Signature));

        Assert.Contains("\"probabilities.values\"", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_Maps_AreATableOfKeysAndValues()
    {
        await using var session = await onnx.LoadAsync("classifier");
        using var x = OnnxFixture.Floats(new Shape(2, 3), 1, 2, 3, 6, 5, 4);

        var outputs = await RunAsync(session, [x], [0, 1, 2]);

        Assert.Equal(["versicolor", "setosa"], Texts(outputs[0]));
        Assert.Equal(new Shape(2, 3), outputs[1].Shape);
        Assert.Equal(["setosa", "versicolor", "virginica", "setosa", "versicolor", "virginica"], Texts(outputs[1]));
        Assert.Equal([1, 3, 2, 6, 4, 5], outputs[2].Values<float>().ToArray());
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 0)]
    public async Task RunAsync_OneOfTheParts_IsAnsweredInTheRequestedOrder(int first, int second)
    {
        await using var session = await onnx.LoadAsync("classifier");
        using var x = OnnxFixture.Floats(new Shape(1, 3), 1, 2, 3);

        var outputs = await RunAsync(session, [x], [first, second]);

        Assert.Equal(
            [session.Signature.Outputs[first].Type, session.Signature.Outputs[second].Type], outputs.Select(output => output.Type));
        Assert.Equal(2, outputs.Length);
    }

    [Fact]
    public async Task RunAsync_WholeNumbersAsKeys_AreText()
    {
        await using var session = await onnx.LoadAsync("zipmap");
        using var x = OnnxFixture.Floats(new Shape(1, 2), 0.25f, 0.75f);

        var outputs = await RunAsync(session, [x], [0, 1]);

        Assert.Equal(["0", "1"], Texts(outputs[0]));
        Assert.Equal([0.25f, 0.75f], outputs[1].Values<float>().ToArray());
    }

    [Fact]
    public async Task RunAsync_ListOfDifferentRanks_IsShapesAndElements()
    {
        await using var session = await onnx.LoadAsync("pair");
        using var a = OnnxFixture.Floats(new Shape(1, 2), 1, 2);
        using var b = OnnxFixture.Floats(new Shape(3), 3, 4, 5);

        var outputs = await RunAsync(session, [a, b], [0, 1]);

        Assert.Equal(["both.shapes", "both.values"], session.Signature.Outputs.Select(output => output.Name));
        Assert.Equal(new Shape(2, 2), outputs[0].Shape);
        Assert.Equal([1, 2, 3, -1], outputs[0].Values<long>().ToArray());
        Assert.Equal([1, 2, 3, 4, 5], outputs[1].Values<float>().ToArray());
    }

    [Fact]
    public async Task RunAsync_Optional_IsItsTensor()
    {
        await using var session = await onnx.LoadAsync("optional_out");
        using var x = OnnxFixture.Floats(new Shape(2), 1, 2);

        var outputs = await RunAsync(session, [x], [0]);

        Assert.Equal([1, 2], outputs[0].Values<float>().ToArray());
    }

    [Fact]
    public async Task LoadAsync_OptionalThatMayHaveNoValue_IsRefusedBeforeARunEndsTheProcess()
    {
        var exception = await Assert.ThrowsAsync<InferenceException>(() => onnx.LoadAsync("maybe_absent"));

        Assert.Equal(InferenceError.ModelUnavailable, exception.Error);
        Assert.Contains("OptionalHasElement", exception.Message, StringComparison.Ordinal);
    }

    private static Task<Tensor[]> RunAsync(IModelSession session, Tensor[] inputs, int[] outputs) =>
        session.RunAsync(inputs, outputs, CancellationToken.None).AsTask();

    private static List<string> Texts(Tensor tensor)
    {
        var texts = new List<string>();
        foreach (var element in new PackedBytes(tensor.Data.Span))
            texts.Add(Encoding.UTF8.GetString(element));
        return texts;
    }
}
