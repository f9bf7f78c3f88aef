using System.Buffers;
using System.Text;
using Inference.Protocols.Predictions;
using Inference.Requests;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests.Predictions;

public sealed class BodyClassificationTests
{
    [Fact]
    public void Write_OpenInferenceBodyThatWantsClasses_HasThemWithTheLabelsOfTheOutput()
    {
        var signature = Of(ElementType.Float32, -1, 2);
        var format = BodyFormat.Detect(Utf8(
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}],"outputs":[{"name":"y","parameters":{"classification":1}}]}"""));
        var model = Model(signature) with { OutputLabels = Model(signature).OutputLabels.Add("y", ["cat", "dog"]) };
        using var request = format.Read(model);
        using var prediction = new Prediction(
            model, id: null, [new NamedTensor("y", Tensor.Create<float>(ElementType.Float32, new Shape(1, 2), [0.25f, 0.75f]))]);
        var buffer = new ArrayBufferWriter<byte>();

        format.Write(buffer, prediction);

        Assert.Contains("\"data\":[\"0.75:1:dog\"]", Encoding.UTF8.GetString(buffer.WrittenSpan), StringComparison.Ordinal);
    }
}
