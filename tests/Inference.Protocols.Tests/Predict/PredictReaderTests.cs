using System.Globalization;
using System.Text;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Predict;
using Inference.Requests;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests.Predict;

public sealed class PredictReaderTests
{
    private static readonly ModelSignature Rows = Of(ElementType.Float32, -1, 3);
    private static readonly ModelSignature Images = Of(ElementType.Float32, -1, 2, 2);

    [Theory]
    [InlineData("[1,2,3]", new long[] { 1, 3 })]
    [InlineData("[[1,2,3]]", new long[] { 1, 3 })]
    [InlineData("[[1,2,3],[4,5,6]]", new long[] { 2, 3 })]
    public void Read_RowsOrOneRow_GiveItems(string features, long[] shape) => AssertShape(Rows, features, shape);

    [Theory]
    [InlineData("[1,2,3,4]", new long[] { 1, 2, 2 })]
    [InlineData("[[1,2],[3,4]]", new long[] { 1, 2, 2 })]
    [InlineData("[[1,2,3,4],[5,6,7,8],[9,10,11,12]]", new long[] { 3, 2, 2 })]
    [InlineData("[[[1,2],[3,4]],[[5,6],[7,8]]]", new long[] { 2, 2, 2 })]
    public void Read_ItemsNestedOrFlat_GiveItems(string features, long[] shape) => AssertShape(Images, features, shape);

    [Fact]
    public void Read_ScalarItems_AreCounted() => AssertShape(Of(ElementType.Float32, -1), "[1,2,3,4]", [4]);

    [Fact]
    public void Read_OneScalarItem_MayStandBare() => AssertShape(Of(ElementType.Float32, -1), "7", [1]);

    [Fact]
    public void Read_DynamicItem_TakesTheLengthThatCame() => AssertShape(Of(ElementType.Float32, -1, -1), "[1,2,3,4,5]", [1, 5]);

    [Fact]
    public void Read_ModelWithoutBatch_TakesTheWholeTensorNestedOrFlat()
    {
        var fixedShape = Of(ElementType.Float32, 2, 2);

        AssertShape(fixedShape, "[[1,2],[3,4]]", [2, 2]);
        AssertShape(fixedShape, "[1,2,3,4]", [2, 2]);
        AssertShape(Of(ElementType.Float32), "1.5", []);
    }

    [Theory]
    [InlineData("[[1,2,3],[4,5]]", "features[1] has 2 elements, but the arrays before it have 3")]
    [InlineData("[[1,2,3],4]", "features[1] is a number; an array is expected")]
    [InlineData("[1,[2]]", "features[1] is an array; a number (FP32) is expected")]
    [InlineData("[[1,2,\"3\"]]", "features[0][2] is a string; a number (FP32) is expected")]
    [InlineData("[1,true,3]", "features[1] is a boolean")]
    [InlineData("[1,1e39,3]", "features[1]: 1e39 is not a value of FP32")]
    [InlineData("[1,-1e999,3]", "features[1]: -1e999 is not a value of FP32")]
    [InlineData("[1,{},3]", "features[1] is an object")]
    [InlineData("[1,--Infinity,3]", "not valid JSON")]
    [InlineData("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "nested more than 16 deep")]
    public void Read_WrongFeatures_AreRefusedWithThePlace(string features, string message) =>
        AssertInvalid(message, () => Read(Utf8($"{{\"features\":{features}}}"), Rows));

    [Theory]
    [InlineData("", "The body is empty; a JSON object is expected.")]
    [InlineData("[1,2,3]", "The body is an array; a JSON object is expected")]
    [InlineData("{}", "\"features\" is missing")]
    [InlineData("{\"features\":[1,2,3]", "not valid JSON")]
    [InlineData("{\"features\":[1,2,3]} x", "not valid JSON")]
    [InlineData("{\"features\":[1,2,3]}{}", "not valid JSON")]
    [InlineData("{\"features\":[1],\"features\":[1]}", "features is given twice")]
    [InlineData("{\"feature\":[1]}", "\"feature\" is unknown")]
    [InlineData("{\"\\ud800\":1}", "not valid UTF-8 text")]
    public void Read_WrongBody_IsRefused(string body, string message) => AssertInvalid(message, () => Read(Utf8(body), Rows));

    [Fact]
    public void Read_VeryDeepNesting_IsRefusedWithoutAStackOverflow() =>
        AssertInvalid("nested more than 16 deep", () => Read(Utf8("{\"features\":" + new string('[', 100_000)), Rows));

    [Theory]
    [InlineData(ElementType.UInt8, "[255]", "[256]")]
    [InlineData(ElementType.Int8, "[-128]", "[128]")]
    [InlineData(ElementType.UInt16, "[65535]", "[-1]")]
    [InlineData(ElementType.Int16, "[-32768]", "[32768]")]
    [InlineData(ElementType.UInt32, "[4294967295]", "[1.5]")]
    [InlineData(ElementType.Int32, "[-2147483648]", "[2147483648]")]
    [InlineData(ElementType.UInt64, "[18446744073709551615]", "[18446744073709551616]")]
    [InlineData(ElementType.Int64, "[-9223372036854775808]", "[9223372036854775808]")]
    [InlineData(ElementType.Float16, "[65504]", "[65520]")]
    [InlineData(ElementType.BFloat16, "[1e38]", "[3.4e38]")]
    [InlineData(ElementType.Float32, "[3.4028234e38]", "[3.5e38]")]
    [InlineData(ElementType.Float64, "[1.7976931348623157e308]", "[1e309]")]
    [InlineData(ElementType.Bool, "[true]", "[2]")]
    [InlineData(ElementType.Bytes, "[\"a\"]", "[1]")]
    public void Read_EveryType_TakesItsRangeAndNoMore(ElementType type, string good, string bad)
    {
        var signature = Of(type, -1);

        AssertShape(signature, good, [1]);
        var exception = Assert.Throws<InferenceException>(() => Read(Utf8($"{{\"features\":{bad}}}"), signature));
        Assert.Contains("features[0]", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Floats_AreTheNearestOnes()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 10_000).Select(_ => BitConverter.Int32BitsToSingle(random.Next())).Where(float.IsFinite).ToArray();
        var json = string.Join(',', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

        using var request = Read(Utf8($"{{\"features\":[{json}]}}"), Of(ElementType.Float32, -1));

        Assert.Equal(values, request.Inputs[0].Tensor.Values<float>().ToArray());
    }

    [Fact]
    public void Read_Strings_AreUnescaped()
    {
        using var request = Read(Utf8("{\"features\":[\"a\\n\\u00fc\",\"\"]}"), Of(ElementType.Bytes, -1));

        var texts = new List<string>();
        foreach (var element in new PackedBytes(request.Inputs[0].Tensor.Data.Span))
            texts.Add(Encoding.UTF8.GetString(element));
        Assert.Equal(["a\nü", ""], texts);
    }

    [Fact]
    public void Read_StringsThatAreNoText_AreRefused()
    {
        byte[] invalid = [.. "{\"features\":[\""u8, 0xC3, 0x28, .. "\"]}"u8];

        AssertInvalid("features[0] is not valid UTF-8 text", () => Read(invalid, Of(ElementType.Bytes, -1)));
    }

    /// <summary>The problem may concern texts or images. The error does not say which, because the task of the model is unknown.</summary>
    [Fact]
    public void Read_TextOfAModelWhoseFolderHasAProblem_NamesTheProblem()
    {
        var problem = new FileProblem("preprocessor_config.json", 1, 2, "$.resample", "Filter 0 is not supported.");
        var model = Model(Rows) with { Warnings = [problem] };

        AssertInvalid(
            $"Model m accepts only tensors: {problem}", () => PredictReader.Read(new PredictBody(Utf8("""{"inputs":["a"]}""")), model));
    }

    private static PredictionRequest Read(ReadOnlyMemory<byte> body, ModelSignature signature) =>
        PredictReader.Read(new PredictBody(body), Model(signature));

    private static void AssertShape(ModelSignature signature, string features, long[] shape)
    {
        using var request = Read(Utf8($"{{\"features\":{features}}}"), signature);

        var input = Assert.Single(request.Inputs);
        Assert.Equal(("x", "features"), (input.Name, input.Path));
        Assert.Equal(new Shape(shape), input.Tensor.Shape);
    }
}
