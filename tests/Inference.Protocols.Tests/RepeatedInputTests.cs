using System.Buffers;
using Google.Protobuf;
using Inference.Models;
using Inference.Protocols.OpenInference;
using Inference.Protocols.OpenInference.Grpc;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Protocols.Predict;
using Inference.Protocols.Predictions;
using Inference.Protocols.TensorFlowServing;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests;

/// <summary>
/// A repeated input is refused at its name. The second value of each body is invalid, so a test fails if a reader reads that value.
/// </summary>
public sealed class RepeatedInputTests
{
    private static readonly Model OneInput = Model(Of(ElementType.Float32, -1));

    [Fact]
    public void Predict_InputTwice_IsRefusedAtItsName() => AssertInvalid(
        "inputs: input \"x\" is given twice",
        () => PredictReader.Read(new PredictBody(Utf8("""{"inputs":{"x":[1],"x":[oops""")), OneInput));

    [Fact]
    public void TensorFlowServing_ColumnTwice_IsRefusedAtItsName() => AssertInvalid(
        "inputs: input \"x\" is given twice",
        () => TensorFlowServingReader.Read(new TensorFlowServingBody(Utf8("""{"inputs":{"x":[1],"x":[oops""")), OneInput));

    [Fact]
    public void TensorFlowServing_ValueOfARowTwice_IsRefusedAtItsName() => AssertInvalid(
        "instances[0].x is given twice",
        () => TensorFlowServingReader.Read(new TensorFlowServingBody(Utf8("""{"instances":[{"x":1,"x":[]}]}""")), OneInput));

    [Theory]
    [InlineData("""{"name":"x","shape":[1],"datatype":"FP32","data":[oops""")]
    [InlineData("""{"shape":[1],"datatype":"FP32","data":["no number"],"name":"x"}""")]
    public void OpenInference_InputTwice_IsRefusedAtItsName(string second)
    {
        var body = Utf8($$"""{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]},{{second}}""");

        AssertInvalid("inputs[1]: input \"x\" is given twice", () =>
            OpenInferenceReader.Read(new InferBody(body, Memory<byte>.Empty), OneInput.Signature));
        AssertInvalid("inputs[1]: input \"x\" is given twice", () => BodyFormat.Detect(body).Read(OneInput));
    }

    [Fact]
    public void OpenInference_InputThatTheModelHasNot_IsRefusedAtItsName() => AssertInvalid(
        "inputs[0]: the model has no input \"z\"; its inputs are \"x\"",
        () => OpenInferenceReader.Read(
            new InferBody(Utf8("""{"inputs":[{"name":"z","shape":[1],"datatype":"FP32","data":[oops"""), Memory<byte>.Empty),
            OneInput.Signature));

    [Fact]
    public void Grpc_InputTwice_IsRefusedBeforeItsData()
    {
        var message = new ModelInferRequest
        {
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "FP32", Shape = { 1 },
                    Contents = new() { Fp32Contents = { 1 } } },
                new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "FP99", Shape = { 1 } },
            },
        };

        AssertInvalid("inputs[1]: input \"x\" is given twice", () =>
            ModelInferReader.Read(new ReadOnlySequence<byte>(message.ToByteArray())).Request);
    }
}
