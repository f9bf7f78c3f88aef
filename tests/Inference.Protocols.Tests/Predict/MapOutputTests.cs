using System.Buffers;
using System.Text;
using Inference.Models;
using Inference.Protocols.Predict;
using Inference.Requests;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests.Predict;

public sealed class MapOutputTests
{
    [Fact]
    public void Write_MapsWithTextAsValues_KeepTheirPlaces()
    {
        var signature = Maps(ElementType.Bytes);

        var written =
            Write(CreatePrediction(signature, [], Texts("m.keys", 2, "a", "\"b\"", "c", "d"), Texts("m.values", 2, "1", "22", "333", "4")));

        Assert.EndsWith(
            "\"predictions\":[{\"a\":\"1\",\"\\\"b\\\"\":\"22\"},{\"c\":\"333\",\"d\":\"4\"}]}", written, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_OneOfTheParts_IsWrittenAlone()
    {
        var written = Write(CreatePrediction(Maps(ElementType.Bytes), [], Texts("m.values", 2, "1", "2")));

        Assert.EndsWith("\"predictions\":[[\"1\",\"2\"]]}", written, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_MapsOfNoItems_AreAnEmptyArray()
    {
        var written = Write(CreatePrediction(Maps(ElementType.Bytes), [], Texts("m.keys", 0), Texts("m.values", 0)));

        Assert.EndsWith("\"predictions\":[]}", written, StringComparison.Ordinal);
    }

    private static ModelSignature Maps(ElementType values) => new(
        [new TensorSpec("x", ElementType.Float32, new Shape(-1), ["batch"])],
        [Part(OutputPartKind.RowKeys, ElementType.Bytes), Part(OutputPartKind.RowValues, values)]);

    private static TensorSpec Part(OutputPartKind kind, ElementType type)
    {
        var part = new OutputPart("m", kind);
        return new TensorSpec(part.TensorName, type, new Shape(-1, -1), ["", ""]) { Part = part };
    }

    private static NamedTensor Texts(string name, int columns, params string[] texts)
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        foreach (var text in texts)
            builder.AppendBytes(Encoding.UTF8.GetBytes(text));
        return new NamedTensor(name, builder.Build(new Shape(columns == 0 ? 0 : texts.Length / columns, columns)));
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
