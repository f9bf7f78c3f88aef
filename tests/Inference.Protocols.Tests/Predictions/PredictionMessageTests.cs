using System.Buffers;
using System.Text;
using Inference.Models;
using Inference.Protocols.Predictions;
using Inference.Testing;

namespace Inference.Protocols.Tests.Predictions;

public sealed class PredictionMessageTests
{
    [Fact]
    public void Read_InlineRequest_IsTheSliceAsItWasWritten()
    {
        var message = Read("""{ "request" : {"features": [ 1, 2 ]} , "version":3,"model":"m","id":"a" }""");

        Assert.Equal(("a", "m", 3L, false), (message.Id.Value, message.Model, message.Version, message.IsJob));
        Assert.Equal("""{"features": [ 1, 2 ]}""", Encoding.UTF8.GetString(message.Request!.Value.Span));
        Assert.Null(message.RequestBlob);
    }

    [Fact]
    public void Read_RequestBlob_IsContainerAndName()
    {
        var message = Read("""{"id":"a","model":"m","version":null,"requestBlob":"my-files/a/b c.json"}""");

        Assert.Equal(new BlobReference("my-files", "a/b c.json"), message.RequestBlob);
        Assert.Null(message.Request);
        Assert.Null(message.Version);
    }

    /// <summary>The message has the byte order mark of Windows tools, null for optional members, and NaN as Python writes it.</summary>
    [Fact]
    public void Read_FormsOfOtherWriters_AreAccepted()
    {
        var message = Read(
            "\uFEFF"
            + """{"id":"a","model":"m","version":2.0,"requestBlob":null,"traceparent":null,"job":null,"request":{"features":[1,NaN,-Infinity]}}""");

        Assert.Equal(("a", 2L, false), (message.Id.Value, message.Version, message.IsJob));
        Assert.Null(message.RequestBlob);
        using var request =
            BodyFormat.Detect(message.Request!.Value).Read(Signatures.Model(Signatures.Of(Tensors.ElementType.Float32, -1)));
        Assert.Equal([1, float.NaN, float.NegativeInfinity], request.Inputs[0].Tensor.Values<float>().ToArray());
    }

    [Theory]
    [InlineData("\uFEFF{\"features\":[1]}", "{\"features\":[1]}")]
    [InlineData("{\"features\":[1, NaN]}", "{\"features\":[1, \"\\u004eaN\"]}")]
    public void Normalize_Body_CanBePutIntoOtherJson(string body, string expected)
    {
        PooledBuffer? copy = null;
        try
        {
            Assert.Equal(expected, Encoding.UTF8.GetString(BodyFormat.Normalize(Encoding.UTF8.GetBytes(body), ref copy).Span));
        }
        finally
        {
            copy?.Dispose();
        }
    }

    [Theory]
    [InlineData("{\"id\":NaN,\"model\":\"m\",\"request\":{\"features\":[1]}}", 7)]
    [InlineData("{\"id\":\"a\",\"model\":-Infinity,\"request\":{\"features\":[NaN]}}", 19)]
    [InlineData("{\"id\":\"a\",\"model\":\"m\",\"request\":{\"features\":[NaN],\"id\":NaN}}", 56)]
    public void Read_NonFiniteWordInPlaceOfText_IsMalformedAtThatPlace(string message, int position)
    {
        var refusal = Assert.Throws<InvalidMessageException>(() => Read(message));

        Assert.EndsWith($" can only be a value of a tensor, at line 1, byte {position}.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Normalize_NonFiniteWordInPlaceOfText_IsMalformedAtThatPlace()
    {
        PooledBuffer? copy = null;
        try
        {
            var refusal = Assert.Throws<InferenceException>(
                () => BodyFormat.Normalize(Encoding.UTF8.GetBytes("{\"inputs\":{\"x\":[NaN]},\n\"id\":NaN}"), ref copy));

            Assert.EndsWith("a bare NaN can only be a value of a tensor, at line 2, byte 6.", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            copy?.Dispose();
        }
    }

    /// <summary>A trace that cannot be continued begins anew; that is no reason not to predict.</summary>
    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c", false)]
    [InlineData("\\u0000", false)]
    [InlineData("", false)]
    public void Read_TraceParent_IsKeptWhenItIsOne(string text, bool isKept)
    {
        var message = Read($$$"""{"id":"a","traceparent":"{{{text}}}","model":"m","request":{}}""");

        Assert.Equal(isKept ? text : null, message.TraceParent);
        Assert.Equal(isKept, Write(message).Contains($"\"traceparent\":\"{text}\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", null, "not valid JSON")]
    [InlineData("\"text\"", null, "a JSON object is expected")]
    [InlineData("""{"id":7,"model":"m","request":{}}""", null, "id is a number; a string is expected")]
    [InlineData("""{"id":"","model":"m","request":{}}""", null, "id\" is not valid: an id is")]
    [InlineData("""{"id":"a/b","model":"m","request":{}}""", null, "id\" is not valid: an id is")]
    [InlineData("""{"id":".a","model":"m","request":{}}""", null, "id\" is not valid: an id is")]
    [InlineData("""{"id":"a","id":"b","model":"m","request":{}}""", "a", "id is given twice")]
    [InlineData("""{"id":"a","model":"m","version":0,"request":{}}""", "a", "version")]
    [InlineData("""{"id":"a","model":"m","version":"1","request":{}}""", "a", "version")]
    [InlineData("""{"id":"a","model":"m","verison":1,"request":{}}""", "a", "\"verison\" is unknown")]
    [InlineData("""{"id":"a","model":"m","request":[]}""", "a", "request is an array; a JSON object is expected")]
    [InlineData("""{"id":"a","model":"m","request":{},"requestBlob":"abc/d"}""", "a", "Exactly one")]
    [InlineData("""{"id":"a","model":"m","requestBlob":"abc"}""", "a", "requestBlob")]
    [InlineData("""{"id":"a","model":"m","requestBlob":"abc/"}""", "a", "requestBlob")]
    [InlineData("""{"id":"a","model":"m","requestBlob":"A_C/d"}""", "a", "requestBlob")]
    [InlineData("""{"id":"a","model":"m","requestBlob":"azure-webjobs-hosts/d"}""", "a", "requestBlob")]
    [InlineData("""{"id":"a","model":"m","request":{},"job":1}""", "a", "job is a number")]
    [InlineData("""{"id":"a","model":"m","request":{}} {}""", "a", "not valid JSON")]
    public void Read_NotAMessage_NamesTheReasonAndTheMessage(string text, string? id, string reason)
    {
        var exception = Assert.Throws<InvalidMessageException>(() => Read(text));

        Assert.Equal(id, exception.Id?.Value);
        AssertText.Contains(reason, exception.Message);
        Assert.Equal(id, Assert.Throws<InvalidMessageException>(() => PredictionMessageReader.Read(Signatures.Utf8(text))).Id?.Value);
    }

    [Fact]
    public void Write_EitherForm_IsReadBack()
    {
        Assert.True(PredictionId.TryParse("a", out var id));
        var inline =
            new PredictionMessage(id, "m", 2, Signatures.Utf8("""{"features":[1]}"""), RequestBlob: null, IsJob: true, TraceParent: null);

        Assert.Equal("""{"id":"a","model":"m","version":2,"job":true,"request":{"features":[1]}}""", Write(inline));
        Assert.Equal(
            """{"id":"a","model":"m","requestBlob":"abc/requests/a.json"}""",
            Write(new PredictionMessage(
                id, "m", Version: null, Request: null, new BlobReference("abc", "requests/a.json"), IsJob: false, TraceParent: null)));
        Assert.True(Read(Write(inline)).IsJob);
    }

    [Theory]
    [InlineData("""{"features":[1]}""", false)]
    [InlineData("""{"inputs":[]}""", true)]
    [InlineData("""{"id":"1","parameters":{"inputs":[]},"inputs":[{}],"features":[]}""", true)]
    [InlineData("""{"inputs":{"features":[]}}""", false)]
    [InlineData("""{"features":[1],"inputs":[]}""", false)]
    [InlineData("""{"\ud800\ud800":1,"inputs":[]}""", false)]
    [InlineData("[1]", false)]
    [InlineData("{", false)]
    [InlineData("", false)]
    public void BodyFormat_Of_InputsArrayAtTheTopIsOpenInference(string body, bool isOpenInference) =>
        Assert.Equal(isOpenInference, BodyFormat.Detect(Signatures.Utf8(body)).IsOpenInference);

    [Theory]
    [InlineData("{\"LONG\":1}")]
    [InlineData("{\"LONG\":1,\"LONG\":1}")]
    [InlineData("{\"id\":\"LONG\"}")]
    [InlineData("{\"id\":tLONG}")]
    [InlineData("{\"id\":\"a\",\"version\":\"LONG\"}")]
    [InlineData("{\"id\":\"a\",\"model\":\"m\",\"requestBlob\":\"LONG\"}")]
    public void Read_LongInvalidText_IsRefusedWithAShortMessage(string message)
    {
        var text = message.Replace("LONG", new string('x', 40_000), StringComparison.Ordinal);

        var error = Assert.Throws<InvalidMessageException>(() => Read(text));

        Assert.InRange(error.Message.Length, 1, 600);
    }

    private static PredictionMessage Read(string text) => PredictionMessageReader.Read(Signatures.Utf8(text));

    private static string Write(PredictionMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        PredictionMessageWriter.Write(buffer, message);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
