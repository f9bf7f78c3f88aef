using System.Buffers;
using System.Text;
using System.Text.Json;
using Inference.Models.Settings;
using Inference.Protocols.Predict;
using Inference.Requests;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests.Predict;

public sealed class PredictWriterTests
{
    [Fact]
    public void Write_Items_AreNested()
    {
        var signature = Of(ElementType.Float32, -1, 2, 2);
        var output = new NamedTensor("y", Tensor.Create<float>(ElementType.Float32, new Shape(2, 2, 2), [1, 2, 3, 4, 5, 6, 7, 0.1f]));

        Assert.Equal(
            "{\"model\":\"m\",\"version\":3,\"predictions\":[[[1,2],[3,4]],[[5,6],[7,0.1]]]}", Write(CreatePrediction(signature, [], output)));
    }

    [Fact]
    public void Write_ScalarItems_AreBare()
    {
        var output = new NamedTensor("y", Tensor.Create<long>(ElementType.Int64, new Shape(3), [1, -2, 3]));

        Assert.EndsWith(
            "\"predictions\":[1,-2,3]}", Write(CreatePrediction(Of(ElementType.Int64, -1), [], output)), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ScalarOutputOfAModelWithoutBatch_IsOneEntry()
    {
        var output = new NamedTensor("y", Tensor.Create<float>(ElementType.Float32, new Shape(), [1.5f]));

        Assert.EndsWith("\"predictions\":[1.5]}", Write(CreatePrediction(Of(ElementType.Float32), [], output)), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_SeveralOutputs_AreAnObjectAnItem()
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        builder.AppendBytes("a"u8);
        builder.AppendBytes("b\""u8);
        var text = new NamedTensor("text", builder.Build(new Shape(2)));
        var sure = new NamedTensor("sure", Tensor.Create(ElementType.Bool, new Shape(2, 1), [true, false]));

        Assert.EndsWith(
            "\"predictions\":[{\"text\":\"a\",\"sure\":[true]},{\"text\":\"b\\\"\",\"sure\":[false]}]}",
            Write(CreatePrediction(Of(ElementType.Float32, -1), [], text, sure)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NotFinite_IsNamedAndNeverAnotherNumber()
    {
        var output = new NamedTensor(
            "y", Tensor.Create(ElementType.Float32, new Shape(4), [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1]));

        Assert.EndsWith("\"predictions\":[\"NaN\",\"Infinity\",\"-Infinity\",1]}",
            Write(CreatePrediction(Of(ElementType.Float32, -1), [], output)), StringComparison.Ordinal);
    }

    /// <summary>The labels of an image classifier are normalized outputs.</summary>
    [Fact]
    public void Write_ImageLabelsNotFinite_AreNamed()
    {
        var output = new NamedTensor("y", Tensor.Create(ElementType.Float32, new Shape(1, 2), [float.NaN, 1]));
        var model = Model(Of(ElementType.Float32, -1, 2), "cat", "dog") with { Task = ModelTask.ImageClassification };

        Assert.Contains("\"score\":\"NaN\"", Write(new Prediction(model, id: null, [output])), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_HalfPrecision_IsWrittenAsNumbers()
    {
        var half = new NamedTensor("y", Tensor.Create(ElementType.Float16, new Shape(1), [(Half)1.5f]));
        var brain = new NamedTensor("y", Tensor.Create<ushort>(ElementType.BFloat16, new Shape(1), [0x3FC0]));

        Assert.EndsWith("[1.5]}", Write(CreatePrediction(Of(ElementType.Float16, -1), [], half)), StringComparison.Ordinal);
        Assert.EndsWith("[1.5]}", Write(CreatePrediction(Of(ElementType.BFloat16, -1), [], brain)), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Labels_AreTheBestFiveBestFirst()
    {
        var labels = "abcdefg".Select(letter => letter.ToString()).ToArray();
        var output =
            new NamedTensor("y", Tensor.Create(ElementType.Float32, new Shape(1, 7), [0.1f, float.NaN, 0.3f, 0.05f, 0.3f, 0.2f, 0.05f]));

        Assert.EndsWith(
            "\"labels\":[[{\"label\":\"c\",\"score\":0.3},{\"label\":\"e\",\"score\":0.3},{\"label\":\"f\",\"score\":0.2},"
            + "{\"label\":\"a\",\"score\":0.1},{\"label\":\"d\",\"score\":0.05}]]}",
            Write(CreatePrediction(Of(ElementType.Float32, -1, 7), labels, output)),
            StringComparison.Ordinal);
    }

    /// <summary>The scores are written as in the predictions.</summary>
    [Fact]
    public void Write_LabelsOfOtherFloats_HaveTheirScores()
    {
        var half = Tensor.Create(ElementType.Float16, new Shape(2, 2), [(Half)0.25f, (Half)0.75f, Half.NaN, (Half)(-1)]);
        var brain = Tensor.Create<ushort>(ElementType.BFloat16, new Shape(2, 2), [0x3E80, 0x3F40, 0x7FC0, 0xBF80]);
        var wide = Tensor.Create(ElementType.Float64, new Shape(2, 2), [0.1, 0.10000000000000002, double.NaN, -1]);

        const string Small = "[[{\"label\":\"b\",\"score\":0.75},{\"label\":\"a\",\"score\":0.25}],"
            + "[{\"label\":\"b\",\"score\":-1},{\"label\":\"a\",\"score\":\"NaN\"}]]}";
        Assert.EndsWith(Small, WriteLabelled(ElementType.Float16, half), StringComparison.Ordinal);
        Assert.EndsWith(Small, WriteLabelled(ElementType.BFloat16, brain), StringComparison.Ordinal);
        Assert.EndsWith(
            "[[{\"label\":\"b\",\"score\":0.10000000000000002},{\"label\":\"a\",\"score\":0.1}],"
            + "[{\"label\":\"b\",\"score\":-1},{\"label\":\"a\",\"score\":\"NaN\"}]]}",
            WriteLabelled(ElementType.Float64, wide), StringComparison.Ordinal);

        static string WriteLabelled(ElementType type, Tensor scores) =>
            Write(CreatePrediction(Of(type, -1, 2), ["a", "b"], new NamedTensor("y", scores)));
    }

    [Fact]
    public void Write_LabelsWithScoresOfTwoTypes_BelongToTheFp32Scores()
    {
        var wide = new NamedTensor("wide", Tensor.Create(ElementType.Float64, new Shape(1, 1), [1.0]));
        var single = new NamedTensor("single", Tensor.Create(ElementType.Float32, new Shape(1, 1), [2f]));

        Assert.EndsWith(
            "\"labels\":[[{\"label\":\"a\",\"score\":2}]]}",
            Write(CreatePrediction(Of(ElementType.Float32, -1, 1), ["a"], wide, single)), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_LabelsThatNeedEscapes_AreWrittenForEveryItem()
    {
        var output = new NamedTensor("y", Tensor.Create(ElementType.Float32, new Shape(2, 2), [0.9f, float.NaN, 0.1f, 0.8f]));

        var response = Write(CreatePrediction(Of(ElementType.Float32, -1, 2), ["say \"hi\"\n", "Ä"], output));

        using var json = JsonDocument.Parse(response);
        var read = json.RootElement.GetProperty("labels").EnumerateArray()
            .Select(item =>
                string.Join('|', item.EnumerateArray().Select(label => $"{label.GetProperty("label")}={label.GetProperty("score")}")));
        Assert.Equal(["say \"hi\"\n=0.9|Ä=NaN", "Ä=0.8|say \"hi\"\n=0.1"], read);
    }

    [Fact]
    public void Write_LabelsOfAnotherLength_AreLeftOut()
    {
        var output = new NamedTensor("y", Tensor.Create(ElementType.Float32, new Shape(1, 2), [0.1f, 0.9f]));

        Assert.EndsWith(
            "\"predictions\":[[0.1,0.9]]}", Write(CreatePrediction(Of(ElementType.Float32, -1, 2), ["only"], output)),
                StringComparison.Ordinal);
    }

    [Fact]
    public void Write_BytesThatAreNoText_AreRefused()
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        builder.AppendBytes([0xC3, 0x28]);
        var output = new NamedTensor("y", builder.Build(new Shape(1)));

        var exception = Assert.Throws<InferenceException>(() => Write(CreatePrediction(Of(ElementType.Bytes, -1), [], output)));

        Assert.Contains("\"y\"", exception.Message, StringComparison.Ordinal);
    }

    private static string Write(Prediction prediction)
    {
        using (prediction)
        {
            var buffer = new ArrayBufferWriter<byte>();
            PredictWriter.Write(buffer, prediction, new ResponseFormat());
            return Encoding.UTF8.GetString(buffer.WrittenSpan);
        }
    }
}
