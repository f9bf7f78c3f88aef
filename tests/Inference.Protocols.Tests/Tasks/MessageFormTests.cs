using System.Buffers;
using System.Text;
using Inference.Models.Settings;
using Inference.Protocols.Predictions;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Tests.Tasks;

/// <summary>
/// A queue message or job has no route that determines the form of its body. Texts in <c>"inputs"</c> mean a predict body, and objects mean
/// an Open Inference body.
/// </summary>
public sealed class MessageFormTests
{
    [Theory]
    [InlineData("""{"inputs":"hello"}""", false)]
    [InlineData("""{"inputs":["hello","world"]}""", false)]
    [InlineData("""{"parameters":{"top_k":1},"inputs":["hello"]}""", false)]
    [InlineData("""{"inputs":[{"name":"x"}]}""", true)]
    [InlineData("""{"inputs":[]}""", true)]
    public void Of_Inputs_TellTheForm(string body, bool isOpenInference) =>
        Assert.Equal(isOpenInference, BodyFormat.Detect(Encoding.UTF8.GetBytes(body)).IsOpenInference);

    [Fact]
    public void Write_TextsInInputs_AreAnsweredInHuggingFacesForm()
    {
        using var model = new TaskModel(ModelTask.TextClassification, null, "good", "bad");
        var format = BodyFormat.Detect("""{"inputs":["hello"]}"""u8.ToArray());
        using var request = format.Read(model.Model);
        using var prediction = new Prediction(
            model.Model, id: null, [new NamedTensor("y", Tensor.Create<float>(ElementType.Float32, new Shape(1, 2), [0, 0]))]);
        var written = new ArrayBufferWriter<byte>();

        format.Write(written, prediction);

        Assert.Equal("""[[{"label":"good","score":0.5},{"label":"bad","score":0.5}]]""", Encoding.UTF8.GetString(written.WrittenSpan));
    }
}
