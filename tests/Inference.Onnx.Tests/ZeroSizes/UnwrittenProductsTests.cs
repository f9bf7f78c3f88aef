using System.Runtime.InteropServices;
using Inference.Onnx.Graph;
using Inference.Onnx.ZeroSizes;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Onnx.Tests.ZeroSizes;

public sealed class UnwrittenProductsTests : IDisposable
{
    private const string Scale = "const s f32[] 0.5; const z u8[] 0; ";

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("in x u8[b,n]; in w u8[n,4]; y = MatMulInteger(x, w); out y i32[b,4]", "MatMulInteger")]
    [InlineData("in x f32[b,n]; in w f32[n,4]; y = com.microsoft::DynamicQuantizeMatMul(x, w, _, _); out y f32[b,4]",
        "com.microsoft.DynamicQuantizeMatMul")]
    [InlineData(Scale + "in x f32[b,n]; in w f32[n,4]; q = QuantizeLinear(x, s, z); r = DequantizeLinear(q, s, z); y = MatMul(r, w); "
        + "out y f32[b,4]", "MatMul")]
    [InlineData("const w u8[4,4]; in x u8[b,4]; y = MatMulInteger(x, w); out y i32[b,4]", null)]
    [InlineData("const w u8[4,4]; in x u8[b,4]; t = Transpose(w); y = MatMulInteger(x, t); out y i32[b,4]", null)]
    [InlineData("const w u8[0,4]; in x u8[b,0]; y = MatMulInteger(x, w); out y i32[b,4]", "MatMulInteger")]
    [InlineData(Scale + "const w u8[4,4]; in x f32[b,4]; q = QuantizeLinear(x, s, z); r = DequantizeLinear(q, s, z); "
        + "v = DequantizeLinear(w, s, z); y = MatMul(r, v); out y f32[b,4]", null)]
    [InlineData("const w u8[4,4]; const from i64[1] 0; const to i64[1] 0; in x u8[b,n]; v = Slice(w, from, to); y = MatMulInteger(x, v); "
        + "out y i32[b,4]", "MatMulInteger")]
    [InlineData("in x f32[b,n]; in w f32[n,4]; y = MatMul(x, w); out y f32[b,4]", null)]
    public void Find_ProductOfComputedIntegers_IsTheNode(string model, string? expected)
    {
        File.WriteAllBytes(_folder.Combine("model.onnx"), OnnxText.Compile(model));

        var found = UnwrittenProducts.Find(OnnxModelReader.Read(_folder.Combine("model.onnx"), CancellationToken.None));

        Assert.Equal(expected, found?.FullOperator);
    }

    /// <summary>
    /// The input has a size of 0, or the value k becomes one inside the model. Memory that was used before has other content, as after
    /// the request of another caller.
    /// </summary>
    [Theory]
    [InlineData("y = MatMulInteger(q, t)")]
    [InlineData("p = com.microsoft::MatMulIntegerToFloat(q, t, s, s, z, z); y = Cast(p) to=6")]
    [InlineData("r = DequantizeLinear(q, s, z); u = DequantizeLinear(t, s, z); m = MatMul(r, u); p = QuantizeLinear(m, s, z); "
        + "y = Cast(p) to=6")]
    public async Task Run_SumsOverNothing_AreZero(string product)
    {
        File.WriteAllBytes(_folder.Combine("model.onnx"), OnnxText.Compile(Scale + """
            in x f32[b,n]; in k i64[1]; const first i64[1] 0; const axis i64[1] 1
            part = Slice(x, first, k, axis); q = Cast(part) to=2; t = Transpose(q) perm=[1,0]
            """ + $"; {product}; out y i32[b,b]"));
        using var onnx = new OnnxFixture();
        await using var session = await onnx.LoadFileAsync(_folder.Combine("model.onnx"));
        foreach (var columns in (int[])[0, 5])
        {
            for (var run = 0; run < 8; run++)
            {
                FillFreeMemory();
                using var x = OnnxFixture.Floats(new Shape(64, columns), [.. Enumerable.Repeat(3f, 64 * columns)]);
                using var k = Tensor.Create(ElementType.Int64, new Shape(1), [0L]);

                var outputs = await session.RunAsync([x, k], [0], CancellationToken.None);

                Assert.All(outputs[0].Values<int>().ToArray(), static value => Assert.Equal(0, value));
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Writes 165 to freed blocks of the C library with the sizes of the outputs.</summary>
    private static unsafe void FillFreeMemory()
    {
        var blocks = new nint[400];
        for (var i = 0; i < blocks.Length; i++)
        {
            var size = 4096 + (i % 40 * 512);
            blocks[i] = (nint)NativeMemory.Alloc((nuint)size);
            new Span<byte>((void*)blocks[i], size).Fill(165);
        }

        foreach (var block in blocks)
            NativeMemory.Free((void*)block);
    }
}
