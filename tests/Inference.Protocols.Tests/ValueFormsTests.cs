using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Inference.Models;
using Inference.Protocols.OpenInference;
using Inference.Protocols.Predict;
using Inference.Protocols.Predictions;
using Inference.Protocols.TensorFlowServing;
using Inference.Requests;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests;

/// <summary>The forms in which clients write values and members, in every JSON form of a request.</summary>
public sealed class ValueFormsTests
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    /// <summary>Bodies in which <c>$</c> stands for the value of input x, of shape [-1]. All optional members are null.</summary>
    private static readonly Dictionary<string, (string Body, Func<ReadOnlyMemory<byte>, ElementType, PredictionRequest> Read)> Forms = new()
    {
        ["predict"] = ("""{"text":null,"inputs":null,"parameters":null,"features":$}""", (body, type) =>
            PredictReader.Read(new PredictBody(body), ModelOf(type))),
        ["predict, named"] = ("""{"features":null,"inputs":{"x":$},"parameters":{"top_k":null}}""", (body, type) =>
            PredictReader.Read(new PredictBody(body), ModelOf(type))),
        ["queue"] = ("""{"features":null,"inputs":{"x":$}}""", (body, type) => BodyFormat.Detect(body).Read(ModelOf(type))),
        ["v2"] = (
            """{"id":null,"parameters":null,"outputs":null,"inputs":[{"name":"x","datatype":"TYPE","shape":[COUNT.0],"parameters":null,"data":$}]}""",
            (body, type) => OpenInferenceReader.Read(new InferBody(body, default), ModelOf(type).Signature)),
        ["v2, data first"] = (
            """{"parameters":{"timeout":null,"sequence_id":null,"binary_data_output":null,"content_type":null},"inputs":[{"data":$,"parameters":{"binary_data_size":null,"content_type":null},"name":"x","datatype":"TYPE","shape":[COUNT]}],"outputs":[{"name":"y","parameters":null},{"name":"z","parameters":{"binary_data":null,"classification":null,"content_type":null}}]}""",
            (body, type) => OpenInferenceReader.Read(new InferBody(body, default), ModelOf(type).Signature)),
        ["v2, queue"] = (
            """{"inputs":[{"name":"x","datatype":"TYPE","shape":[COUNT],"data":$}],"id":null}""",
            (body, type) => BodyFormat.Detect(body).Read(ModelOf(type))),
        ["tensorflow, rows"] = ("""{"signature_name":null,"inputs":null,"instances":$}""", (body, type) =>
            TensorFlowServingReader.Read(new TensorFlowServingBody(body), ModelOf(type))),
        ["tensorflow, columns"] = ("""{"instances":null,"inputs":{"x":$}}""", (body, type) =>
            TensorFlowServingReader.Read(new TensorFlowServingBody(body), ModelOf(type))),
    };

    public static TheoryData<string> Names => [.. Forms.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_WholeNumbersWithPointOrExponent_AreIntegers(string form) =>
        AssertEach(form, "[1.0,1e2,-0.0,1200e-2,-3.00,9007199254740993.0]", ElementType.Int64, 1L, 100, 0, 12, -3, 9007199254740993);

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_ZeroAndOne_AreBooleans(string form) =>
        AssertEach(form, "[0,1,true,1.0,false,0e1]", ElementType.Bool, false, true, true, true, false, false);

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_NumbersOfHalfFloats_AreAccepted(string form)
    {
        AssertEach(form, "[0.5,\"NaN\",-2,null]", ElementType.Float16, (Half)0.5, Half.NaN, (Half)(-2), Half.NaN);
        AssertEach<ushort>(form, "[0.5,-Infinity]", ElementType.BFloat16, 0x3F00, 0xFF80);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_NonFiniteWordsStringsAndNull_AreValues(string form)
    {
        float[] expected = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1, float.NaN];

        AssertEach(form, "[NaN,Infinity,-Infinity,1,null]", ElementType.Float32, expected);
        AssertEach(form, "[\"NaN\", \"Infinity\", \"-Infinity\", 1, null]", ElementType.Float32, expected);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_ValuesThatAreNone_AreRefused(string form)
    {
        AssertRefused(form, "[1,null]", ElementType.Int32, "[1] is null; a number (INT32) is expected");
        AssertRefused(form, "[1,NaN]", ElementType.Int32, "[1]: NaN is not a value of INT32");
        AssertRefused(form, "[1,1.5]", ElementType.Int32, "[1]: 1.5 is not a value of INT32");
        AssertRefused(form, "[1,3e9]", ElementType.Int32, "[1]: 3e9 is not a value of INT32");
        AssertRefused(form, "[true,2]", ElementType.Bool, "[1]: 2 is not a value of BOOL");
        AssertRefused(form, "[true,null]", ElementType.Bool, "[1] is null; true, false, 0 or 1 is expected");
        AssertRefused(form, "[\"a\",NaN]", ElementType.Bytes, "[1] is a bare NaN; a string is expected");
        AssertRefused(form, "[\"a\",null]", ElementType.Bytes, "[1] is null; a string is expected");
        AssertRefused(form, "[\"a\",1]", ElementType.Bytes, "[1] is a number; a string is expected");
    }

    /// <summary>
    /// Bare words are rewritten before the body is parsed, so positions shift. The error nevertheless reports the position in the original
    /// body: the same position as for numbers of the same lengths.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Read_MalformedBehindNonFiniteWords_NamesThePositionInTheSentBody(string form)
    {
        foreach (var value in (string[])["[NaN,-Infinity,1", "[Infinity,NaN,]", "[NaN,\n1,\n NaN,\n-Infinity nan]", "[NaN Infinity]",
            "[1,NaN}"])
        {
            var numbers = value.Replace("NaN", "111", StringComparison.Ordinal).Replace("Infinity", "11111111", StringComparison.Ordinal);
            foreach (var mark in (byte[][])[[], Mark])
            {
                var expected = Assert.Throws<InferenceException>(() => Read(form, numbers, 9, ElementType.Float32, mark));
                var refusal = Assert.Throws<InferenceException>(() => Read(form, value, 9, ElementType.Float32, mark));
                Assert.Equal(PlaceOf(expected), PlaceOf(refusal));
                Assert.Equal(ErrorReason.InvalidJson, refusal.Reason);
            }
        }
    }

    [Fact]
    public void Read_NonFiniteWordWhereNoneMayStand_IsNamedByItsFirstLetter() =>
        AssertRefused("predict", "[1 -Infinity]", ElementType.Float32, "'-' is invalid after a value");

    /// <summary>Only values of tensors can be bare words. As an id, a name or a key they would become text.</summary>
    [Theory]
    [InlineData("v2", """{"id":NaN,"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[NaN]}]}""", "NaN", 1, 7)]
    [InlineData("v2", """{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[NaN]},{"name":-Infinity}]}""", "-Infinity", 1, 76)]
    [InlineData("v2", """{"inputs":[{"name":"x","datatype":Inf,"shape":[1],"data":[1]}]}""", "Inf", 1, 35)]
    [InlineData("v2", "{\"outputs\":[\n{\"name\":Infinity}],\"inputs\":[]}", "Infinity", 2, 9)]
    [InlineData("predict", """{"features":[NaN,1],"parameters":{"function_to_apply":NaN}}""", "NaN", 1, 55)]
    [InlineData("predict", """{"text":NaN}""", "NaN", 1, 9)]
    [InlineData("predict", """{NaN:1}""", "NaN", 1, 2)]
    [InlineData("predict, named", """{"inputs":{"x":[NaN, -Infinity],NaN:[1]}}""", "NaN", 1, 33)]
    [InlineData("queue", "{\n \"inputs\":{Infinity :[1]}}", "Infinity", 2, 12)]
    [InlineData("tensorflow, rows", """{"instances":[NaN],"signature_name":NaN}""", "NaN", 1, 37)]
    [InlineData("tensorflow, rows", """{"instances":[{NaN:1}]}""", "NaN", 1, 16)]
    public void Read_NonFiniteWordInPlaceOfText_IsMalformedAtThatPlace(string form, string body, string word, int line, int position)
    {
        foreach (var mark in (byte[][])[[], Mark])
        {
            var refusal = Assert.Throws<InferenceException>(
                () => Forms[form].Read((byte[])[.. mark, .. Encoding.UTF8.GetBytes(body)], ElementType.Float32));

            Assert.Equal(ErrorReason.InvalidJson, refusal.Reason);
            Assert.EndsWith(
                $"a bare {word} can only be a value of a tensor, at line {line}, byte {position}.", refusal.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>A message names the character at the position that it contains, or the end of the text.</summary>
    [Theory]
    [InlineData("[1x]")]
    [InlineData("[1.x]")]
    [InlineData("[1.5x]")]
    [InlineData("[1ex]")]
    [InlineData("[1e+x]")]
    [InlineData("[1e5x]")]
    [InlineData("[-x]")]
    [InlineData("[01]")]
    [InlineData("[-01]")]
    [InlineData("[0x1]")]
    [InlineData("[+1]")]
    [InlineData("[.5]")]
    [InlineData("[\n1,\n 12x]")]
    [InlineData("[12NaN]")]
    [InlineData("[NaN,\n12NaN]")]
    [InlineData("[NaN,12x]")]
    [InlineData("[NaN,1 2]")]
    [InlineData("[1}")]
    [InlineData("[1")]
    [InlineData("[1.")]
    [InlineData("[12.5")]
    [InlineData("[1e")]
    [InlineData("[-")]
    [InlineData("[12,\n34")]
    [InlineData("[NaN,34")]
    public void Read_Malformed_NamesTheCharacterAtThePlace(string value)
    {
        var body = Encoding.UTF8.GetBytes($"{{\"features\":{value}{(value[^1] is ']' or '}' ? "}" : "")}");

        var refusal = Assert.Throws<InferenceException>(() => Forms["predict"].Read(body, ElementType.Float32));

        Assert.Equal(ErrorReason.InvalidJson, refusal.Reason);
        var position = Regex.Match(refusal.Message, "at line ([0-9]+), byte ([0-9]+)[.]$").Groups;
        var line = Encoding.UTF8.GetString(body).Split('\n')[int.Parse(position[1].Value, CultureInfo.InvariantCulture) - 1];
        var at = int.Parse(position[2].Value, CultureInfo.InvariantCulture) - 1;
        Assert.Matches(at < line.Length ? Regex.Escape($"'{line[at]}'") : "ends after|the text ends", refusal.Message);
    }

    [Fact]
    public void Read_TextThatLooksLikeAWord_StaysText()
    {
        using var request = Read("predict", "[\"NaN\",\"a NaN, \\\"Infinity\"]", 2, ElementType.Bytes);

        var texts = new List<string>();
        foreach (var element in new PackedBytes(request.Inputs[0].Tensor.Data.Span))
            texts.Add(Encoding.UTF8.GetString(element));
        Assert.Equal(["NaN", "a NaN, \"Infinity"], texts);
    }

    [Theory]
    [InlineData("1", 1L)]
    [InlineData("1.000000000000000000000000", 1L)]
    [InlineData("9223372036854775807.0", long.MaxValue)]
    [InlineData("-9223372036854775808.00", long.MinValue)]
    [InlineData("0.0000000000000000000000012e24", null)]
    [InlineData("0.000000000000000000000012e24", 12L)]
    [InlineData("1200e-2", 12L)]
    [InlineData("1e18", 1_000_000_000_000_000_000L)]
    [InlineData("1e19", null)]
    [InlineData("0e99999", 0L)]
    [InlineData("9223372036854775808.0", null)]
    [InlineData("1.0000000000000000000000001", null)]
    [InlineData("1e-1", null)]
    [InlineData("1e99999999999", null)]
    public void Read_Integers_AreAcceptedWhenExact(string number, long? value)
    {
        if (value is { } whole)
            AssertEach("predict", $"[{number},{number}]", ElementType.Int64, whole, whole);
        else
            AssertRefused("predict", $"[{number},{number}]", ElementType.Int64, "is not a value of INT64");
    }

    [Theory]
    [InlineData("""{"inputs":{"x":NaN,"n":5,"t":"Rome"}}""", 1)]
    [InlineData("""{"inputs":{"x":null,"n":5.0,"t":"Rome"}}""", 1)]
    [InlineData("""{"inputs":{"x":[1,NaN],"n":[5,6],"t":["Rome","Oslo"]}}""", 2)]
    [InlineData("""{"inputs":{"x":[[1],[NaN]],"n":[[5],[6]],"t":[["Rome"],["Oslo"]]}}""", 2)]
    public void Read_ColumnsOfATable_KeepTheirElements(string body, int items)
    {
        var signature =
            new ModelSignature([Column("x", ElementType.Float32), Column("n", ElementType.Int64), Column("t", ElementType.Bytes)], []);

        using var request = PredictReader.Read(new PredictBody(Utf8(body)), Model(signature));

        Assert.All(request.Inputs, input => Assert.Equal(items, input.Tensor.Shape.ElementCount));
        Assert.All(request.Inputs, input => Assert.True(input.Tensor.Shape.Rank is 0 or 1 || input.Tensor.Shape == new Shape(items, 1)));
    }

    private static string PlaceOf(InferenceException refusal) =>
        refusal.Message[refusal.Message.IndexOf(" at line ", StringComparison.Ordinal)..];

    private static TensorSpec Column(string name, ElementType type) => new(name, type, new Shape(-1, 1), ["n", ""]);

    private static Model ModelOf(ElementType type) => Model(Of(type, -1));

    /// <summary>Reads the value with and without the byte order mark of Windows tools.</summary>
    private static void AssertEach<T>(string form, string value, ElementType type, params T[] expected)
        where T : unmanaged
    {
        foreach (var mark in (byte[][])[[], Mark])
        {
            using var request = Read(form, value, expected.Length, type, mark);
            Assert.Equal(expected, Assert.Single(request.Inputs).Tensor.Values<T>().ToArray());
        }
    }

    private static void AssertRefused(string form, string value, ElementType type, string message) =>
        AssertInvalid(message, () => Read(form, value, 2, type));

    private static PredictionRequest Read(string form, string value, int count, ElementType type, params byte[] mark)
    {
        var (body, read) = Forms[form];
        var text = body.Replace("$", value, StringComparison.Ordinal)
            .Replace("TYPE", type.Name(), StringComparison.Ordinal).Replace("COUNT", $"{count}", StringComparison.Ordinal);
        return read((byte[])[.. mark, .. Encoding.UTF8.GetBytes(text)], type);
    }
}
