using System.Buffers;
using System.Text;
using Inference.Models;
using Inference.Protocols.Predictions;
using Inference.Tensors;

namespace Inference.Protocols.Tests.Predictions;

public sealed class ResultTests
{
    private static readonly PredictionId Id = PredictionId.TryParse("a", out var id) ? id : default;

    [Fact]
    public void Succeeded_WrittenAndRead_HasTheAnswerInIt()
    {
        using var tensor = Tensor.Rent(ElementType.Float32, new Shape([1, 1]));
        tensor.Values<float>()[0] = 2;
        var signature = Signatures.Of(ElementType.Float32, Shape.Dynamic, 1);
        var prediction = Signatures.CreatePrediction(signature, [], new NamedTensor("y", tensor));

        var text = Write(output => ResultWriter.WriteSucceeded(output, Id, "00-1-2-01", prediction, BodyFormat.Detect(default).Write));

        Assert.Equal(
            """{"id":"a","traceparent":"00-1-2-01","model":"m","version":3,"status":"succeeded","result":{"model":"m","version":3,"predictions":[[2]]}}""", text);
        var result = ResultReader.Read(Encoding.UTF8.GetBytes(text));
        Assert.Equal((PredictionStatus.Succeeded, "m/3", "00-1-2-01"), (result.Status, $"{result.Model}", result.TraceParent));
        Assert.Equal("""{"model":"m","version":3,"predictions":[[2]]}""", text[result.BodyStart..^1]);
        // The start of the blob is sufficient, wherever the response is cut off.
        Assert.Equal(result, ResultReader.Read(Encoding.UTF8.GetBytes(text[..^20])));
    }

    [Fact]
    public void Failed_WrittenAndRead_HasTheError()
    {
        var text =
            Write(output => ResultWriter.WriteFailed(output, Id, traceParent: null, new PredictionFailure("overloaded", "too \"much\"")));

        Assert.Equal("""{"id":"a","status":"failed","error":{"code":"overloaded","message":"too \"much\""}}""", text);
        Assert.Equal(
            new StoredResult(
                PredictionStatus.Failed, Model: null, new PredictionFailure("overloaded", "too \"much\""), BodyStart: 0, TraceParent: null),
            ResultReader.Read(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Cancelled_WrittenAndRead_IsCancelled()
    {
        var text = Write(output => ResultWriter.WriteCancelled(output, Id));

        Assert.Equal("""{"id":"a","status":"cancelled"}""", text);
        Assert.Equal(PredictionStatus.Cancelled, ResultReader.Read(Encoding.UTF8.GetBytes(text)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("hello")]
    [InlineData("""{"status":"done"}""")]
    [InlineData("""{"status":"succeeded"}""")]
    [InlineData("""{"status":7}""")]
    public void Read_ForeignBlob_IsRefused(string text) =>
        Assert.Throws<InvalidDataException>(() => ResultReader.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Job_InEveryState_IsWrittenWithItsKnownFields()
    {
        var created = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var queued = new Job(Id, "m", Version: null, PredictionStatus.Queued, created, Started: null, Finished: null, Attempts: 0);
        var large = queued with { Version = 2, Status = PredictionStatus.Succeeded, Started = created, Finished = created, Attempts = 1 };

        Assert.Equal("""{"id":"a","model":"m","status":"queued","created":"2030-01-02T03:04:05+00:00","attempts":0}""",
            Write(output => JobWriter.Write(output, queued, "")));
        Assert.EndsWith("""
            "attempts":1,"resultUrl":"/jobs/a/result"}
            """, Write(output => JobWriter.Write(output, large, "")), StringComparison.Ordinal);
        var small = large with { Result = Signatures.Utf8("""{"x":1}""") };
        Assert.EndsWith("""
            "attempts":1,"result":{"x":1}}
            """, Write(output => JobWriter.Write(output, small, "")), StringComparison.Ordinal);
        Assert.EndsWith(
            """
            "error":{"code":"c","message":"t"}}
            """,
            Write(output =>
                JobWriter.Write(output, queued with { Status = PredictionStatus.Failed, Failure = new PredictionFailure("c", "t") }, "")),
            StringComparison.Ordinal);
    }

    private static string Write(Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
