using System.Diagnostics;
using System.Text;
using Inference.Models;
using Inference.Protocols.OpenInference;
using Inference.Protocols.Predict;
using Inference.Protocols.Predictions;
using Inference.Protocols.TensorFlowServing;
using Inference.Serving;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests;

/// <summary>Whatever bytes come, a codec gives a request or its own error.</summary>
public sealed class CodecFuzzTests
{
    /// <summary>CODEC_FUZZ sets another number, for a long run.</summary>
    private static readonly int Bodies = int.TryParse(Environment.GetEnvironmentVariable("CODEC_FUZZ"), out var bodies) ? bodies : 20_000;

    private static readonly Model Pair = Model(new ModelSignature(
        [
            new TensorSpec("x", ElementType.Float32, new Shape(-1, 2), ["n", ""]),
            new TensorSpec("t", ElementType.Bytes, new Shape(-1), ["n"]),
        ],
        [new TensorSpec("y", ElementType.Float32, new Shape(-1, 2), ["n", ""])]));

    private static readonly Model Single = Model(Of(ElementType.Float16, -1, 2));

    private static readonly (string Body, Func<byte[], PredictionRequest> Read)[] Codecs =
    [
        ("""{"inputs":{"x":[[1.5,-2e3],[3,4]],"t":["a\u00fc","b"]},"parameters":{"top_k":3}}""", body => PredictReader.Read(new PredictBody(body), Pair)),
        ("""{"features":[[1.5,2],[3,4]],"parameters":{"top_k":0}}""", body => PredictReader.Read(new PredictBody(body), Single)),
        ("""{"instances":[{"x":[1.5,NaN],"t":{"b64":"aGk="}},{"t":"a","x":[-Infinity,4]}]}""", body => TensorFlowServingReader.Read(new TensorFlowServingBody(body), Pair)),
        ("""{"signature_name":"serving_default","inputs":{"x":[[1.5,2],[NaN,4]],"t":["a",{"b64":"aGk="}]}}""", body => TensorFlowServingReader.Read(new TensorFlowServingBody(body), Pair)),
        ("""{"instances":[[1.5,Infinity],[3,4]]}""", body => TensorFlowServingReader.Read(new TensorFlowServingBody(body), Single)),
        ("""{"id":"q","inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,-2e3]},{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}],"parameters":{"timeout":9}}""", body => OpenInferenceReader.Read(body)),
        ("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}],"outputs":[{"name":"y"}]}12345678""", ReadBinary),
        ("""{"features":[[1.5,2]],"parameters":{"top_k":0}}""", body => BodyFormat.Of(body).Read(Single)),
    ];

    [Fact]
    public void Read_MutatedBodies_GiveARequestOrInvalidRequest()
    {
        var random = new Random(20_261_123);
        var clock = Stopwatch.StartNew();
        var read = 0;
        for (var i = 0; i < Bodies; i++)
        {
            var (text, reader) = Codecs[i % Codecs.Length];
            var body = Mutate(Encoding.UTF8.GetBytes(text), random);
            try
            {
                reader(body).Dispose();
                read++;
            }
            catch (InferenceException e)
            {
                Assert.Equal(InferenceError.InvalidRequest, e.Error);
            }
            catch (Exception e)
            {
                Assert.Fail($"Body {i}, {Convert.ToBase64String(body)}: {e}");
            }
        }

        // Some mutations leave a body whole; were there none, nothing behind the JSON would have been reached.
        Assert.InRange(read, 1, Bodies - 1);
        Assert.True(clock.Elapsed < TimeSpan.FromMilliseconds(5) * Bodies, $"{clock.Elapsed}");
    }

    [Fact]
    public void Read_DeepOrLongNonsense_IsRefusedInTime()
    {
        string[] bodies =
        [
            "{\"instances\":" + new string('[', 1_000_000),
            "{\"inputs\":{\"x\":" + new string('{', 1_000_000),
            "{\"instances\":[" + string.Concat(Enumerable.Repeat("{\"x\":", 100_000)),
            "{\"instances\":[" + string.Concat(Enumerable.Repeat("NaN,", 250_000)),
            "{\"" + new string('\\', 1_000_000),
            "{\"instances\":[\"" + string.Concat(Enumerable.Repeat("Infinity\\\"", 100_000)),
        ];
        foreach (var body in bodies)
        {
            AssertInvalid("", () => TensorFlowServingReader.Read(new TensorFlowServingBody(Utf8(body)), Pair));
            AssertInvalid("", () => PredictReader.Read(new PredictBody(Utf8(body)), Pair));
        }
    }

    private static PredictionRequest ReadBinary(byte[] body)
    {
        var end = Math.Max(1, body.AsSpan().LastIndexOf((byte)'}') + 1);
        return OpenInferenceReader.Read(new InferBody(body.AsMemory(0, Math.Min(end, body.Length)), body.AsMemory(Math.Min(end, body.Length))), Pair.Signature);
    }

    private static byte[] Mutate(byte[] body, Random random)
    {
        const string Telling = "[]{}\",:0eE-.\\uNI/";
        var bytes = body.ToList();
        for (var edits = random.Next(0, 4); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 12), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveAt(at); break;
                case 2: bytes.Insert(at, (byte)Telling[random.Next(Telling.Length)]); break;
                case 3: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
                case 4: bytes.InsertRange(at, "\\ud800"u8.ToArray()); break;
                default: bytes.RemoveRange(at, length); break;
            }
        }

        return [.. bytes];
    }
}
