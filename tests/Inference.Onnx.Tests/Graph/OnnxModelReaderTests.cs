using Inference.Onnx.Graph;
using Inference.Testing;

namespace Inference.Onnx.Tests.Graph;

public sealed class OnnxModelReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Read_NodesAndConstants_AreThere()
    {
        var model = Read(OnnxText.Compile(
            "in x f32[n,4]; const list i64[3] 1 -2 3; const factor f32[1] 0.5; y = Add(x, factor) axis=3 mode='a' sizes=[1,2]; "
            + "z = com.microsoft::Gelu(y); out z f32[n,4]", 13));

        Assert.Equal(13, model.Opsets[""]);
        Assert.Equal(["Add", "Gelu"], model.Graph.Nodes.Select(node => node.Operator));
        Assert.Equal("com.microsoft", model.Graph.Nodes[1].Domain);
        var attributes = model.Graph.Nodes[0].Attributes;
        Assert.Equal((3L, "a"), (attributes["axis"].Integer, attributes["mode"].Text));
        Assert.Equal([1L, 2L], attributes["sizes"].Integers.ToArray());
        Assert.Equal([1L, -2L, 3L], model.Graph.Initializers["list"].Integers!.Value.ToArray());
        Assert.Equal([0.5f], model.Graph.Initializers["factor"].Floats!.Value.ToArray());
    }

    [Fact]
    public void Read_Shapes_TellNamesSizesAndNoShape()
    {
        var model = Read(OnnxText.Compile("in x f32[n,4]; in any i64[?]; in scalar i64[]; y = Relu(x); out y f32[n,4]"));

        Assert.Equal([new OnnxDimension(null, "n"), new OnnxDimension(4, null)], model.Graph.Inputs[0].Dimensions!.Value.ToArray());
        Assert.Null(model.Graph.Inputs[1].Dimensions);
        Assert.Empty(model.Graph.Inputs[2].Dimensions!.Value);
    }

    [Fact]
    public void Read_Weights_AreNotKept()
    {
        var model =
            Read(OnnxText.Compile("in x f32[n,1000]; const w f32[1000,50]; const bytes u8[2000]; y = MatMul(x, w); out y f32[n,50]"));

        Assert.Null(model.Graph.Initializers["w"].Floats);
        Assert.Equal([1000L, 50L], model.Graph.Initializers["w"].Dimensions.ToArray());
        Assert.Equal([1, 2], model.WeightTypes.Order());
    }

    [Fact]
    public void Read_ExternalData_IsNotKept()
    {
        var model = OnnxModelReader.Read(TestModels.Files("external").ModelPath, CancellationToken.None);

        Assert.All(model.Graph.Initializers.Values, tensor => Assert.True(tensor is { Integers: null, Floats: null }));
    }

    [Fact]
    public void Read_Subgraph_IsPartOfItsNode()
    {
        var model = OnnxModelReader.Read(TestModels.Files("endless").ModelPath, CancellationToken.None);

        var loop = Assert.Single(model.Graph.Nodes, node => node.Operator == "Loop");
        Assert.NotEmpty(loop.Attributes["body"].Graph!.Nodes);
    }

    [Theory]
    [InlineData(new byte[] { 0x3a, 0x7f })]
    [InlineData(new byte[] { 0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0x08, 0x07 })]
    [InlineData(new byte[] { 0x0b })]
    [InlineData(new byte[0])]
    public void Read_NoModel_SaysSo(byte[] bytes) => Assert.Throws<InvalidDataException>(() => Read(bytes));

    [Fact]
    public void Read_EveryPrefixOfAModel_EndsWithAnAnswer()
    {
        var bytes = OnnxText.Compile("in x f32[n,4]; const w f32[4,3]; y = MatMul(x, w) list=[1,2]; out y f32[n,3]");
        for (var length = 0; length < bytes.Length; length++)
        {
            try
            {
                Read(bytes[..length]);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Fact]
    public void Read_DeeplyNestedGraphs_AreRefused()
    {
        byte[] graph = [0x0a, 0x00];
        for (var level = 0; level < 60; level++)
            graph = Field(1, Field(5, Field(6, graph)));

        var failure = Assert.Throws<InvalidDataException>(() => Read(Field(7, graph)));

        Assert.Contains("nested", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Field(int field, byte[] bytes)
    {
        var length = new List<byte>();
        for (var remaining = bytes.Length; ; remaining >>= 7)
        {
            length.Add((byte)(remaining >= 0x80 ? (remaining & 0x7f) | 0x80 : remaining));
            if (remaining < 0x80)
                return [(byte)((field << 3) | 2), .. length, .. bytes];
        }
    }

    private OnnxModel Read(byte[] bytes)
    {
        var path = Path.Combine(_folder.Path, "model.onnx");
        File.WriteAllBytes(path, bytes);
        return OnnxModelReader.Read(path, CancellationToken.None);
    }
}
