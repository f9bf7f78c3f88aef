using System.Buffers;
using System.Text;
using Inference.Models;
using Inference.Protocols.Embeddings;
using Inference.Protocols.OpenInference;
using Inference.Protocols.Predict;
using Inference.Protocols.Predictions;
using Inference.Protocols.Rerank;
using Inference.Protocols.TensorFlowServing;
using Inference.Protocols.Text;
using Inference.Protocols.TextEmbeddings;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests;

/// <summary>For any bytes, a codec returns a request or throws its own kind of error.</summary>
public sealed class CodecFuzzTests
{
    private static readonly Model Pair = Model(new ModelSignature(
        [
            new TensorSpec("x", ElementType.Float32, new Shape(-1, 2), ["n", ""]),
            new TensorSpec("t", ElementType.Bytes, new Shape(-1), ["n"]),
        ],
        [new TensorSpec("y", ElementType.Float32, new Shape(-1, 2), ["n", ""])]));

    private static readonly Model Single = Model(Of(ElementType.Float16, -1, 2));

    private static readonly Dictionary<string, (string Body, Action<byte[]> Read)> Codecs = new()
    {
        ["predict, named"] = ("""{"inputs":{"x":[[1.5,-2e3],[3,4]],"t":["a\u00fc","b"]},"parameters":{"top_k":3}}""", body =>
            PredictReader.Read(new PredictBody(body), Pair).Dispose()),
        ["predict, features"] = ("""{"features":[[1.5,2],[3,4]],"parameters":{"top_k":0}}""", body =>
            PredictReader.Read(new PredictBody(body), Single).Dispose()),
        ["predict, either form"] = ("""{"features":[[1.5,2]],"parameters":{"top_k":0}}""", body =>
            BodyFormat.Detect(body).Read(Single).Dispose()),
        ["predict, text"] = ("""{"text":["Hello world","h\u00e9llo"],"parameters":{"top_k":1}}""", body =>
            TextModel.Complete(PredictReader.Read(new PredictBody(body), TextModel.Instance)).Dispose()),
        ["embeddings, texts"] = ("""{"model":"m","input":["hello world","hello"],"encoding_format":"base64","dimensions":3}""", body =>
            TextModel.Complete(new EmbeddingBody(body).ToRequest(TextModel.Instance)).Dispose()),
        ["embeddings, tokens"] = ("""{"model":"m","input":[[2,5,6,3],[2,5,3]],"user":"u"}""", body =>
            TextModel.Complete(new EmbeddingBody(body).ToRequest(TextModel.Instance)).Dispose()),
        ["rerank"] = ("""{"model":"m","query":"hello","documents":["hello world",{"id":1,"text":"h\u00e9llo"}],"top_n":1,"rank_fields":["text"]}""", body => Tokenize(RerankCall.Read(body))),
        ["embed"] = ("""{"inputs":["hello world","hello"],"truncate":true,"truncation_direction":"Left","normalize":false,"dimensions":2}""", body => Tokenize(new EmbedCall(body))),
        ["similarity"] = ("""{"inputs":{"source_sentence":"hello","sentences":["world","hello"]},"parameters":{"truncate":true}}""", body =>
            Tokenize(new SimilarityCall(body))),
        ["rank"] = ("""{"query":"hello","texts":["hello world","world"],"raw_scores":true,"return_text":true}""", body =>
            Tokenize(new RankCall(body))),
        ["classify"] = ("""{"inputs":[["hello"],["hello","world"]],"raw_scores":true}""", body => Tokenize(new ClassifyCall(body))),
        ["model"] = ("""{"inputs":["hello world"],"truncate":true}""", body => Tokenize(ModelCall.Read(body))),
        ["tokenize"] = ("""{"inputs":["hello world","h\u00e9llo"],"add_special_tokens":true}""", body =>
            new TokenizeCall(body).Write(new ArrayBufferWriter<byte>(), TextModel.Instance, default)),
        ["decode"] = ("""{"ids":[[2,5,6,3],[5]],"skip_special_tokens":false}""", body =>
            new DecodeCall(body).Write(new ArrayBufferWriter<byte>(), TextModel.Instance, default)),
        ["tensorflow, rows"] = ("""{"instances":[{"x":[1.5,NaN],"t":{"b64":"aGk="}},{"t":"a","x":[-Infinity,4]}]}""", body =>
            TensorFlowServingReader.Read(new TensorFlowServingBody(body), Pair).Dispose()),
        ["tensorflow, columns"] = ("""{"signature_name":"serving_default","inputs":{"x":[[1.5,2],[NaN,4]],"t":["a",{"b64":"aGk="}]}}""",
            body => TensorFlowServingReader.Read(new TensorFlowServingBody(body), Pair).Dispose()),
        ["tensorflow, one input"] = ("""{"instances":[[1.5,Infinity],[3,4]]}""", body =>
            TensorFlowServingReader.Read(new TensorFlowServingBody(body), Single).Dispose()),
        ["open inference"] = ("""{"id":"q","inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,-2e3]},{"name":"t","shape":[1],"datatype":"BYTES","data":["a"]}],"parameters":{"timeout":9}}""", body => OpenInferenceReader.Read(body).Dispose()),
        ["open inference, binary"] = ("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}],"outputs":[{"name":"y"}]}12345678""", body => ReadBinary(body).Dispose()),
        ["repository"] = ("""{"ready":true,"parameters":{"unload_dependents":false}}""", body => RepositoryBody.Read(body)),
        ["queue message"] = ("""{"id":"a-1","model":"m","version":2,"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","request":{"features":[1,2]}}""", body => PredictionMessageReader.Read(body)),
        ["queue message, by blob"] = ("""{"id":"a-1","model":"m","version":3,"requestBlob":"requests/a/1.json"}""", body =>
            PredictionMessageReader.Read(body)),
        ["result"] = ("""{"id":"a-1","model":"m","version":3,"status":"succeeded","result":{"predictions":[1]}}""", body =>
            ResultReader.Read(body)),
    };

    private static void Tokenize(TextCall call) => TextModel.Complete(call.ToRequest(TextModel.Instance)).Dispose();

    public static TheoryData<string> Names => [.. Codecs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_MutatedBodies_GiveARequestOrTheCodecsError(string codec)
    {
        var (text, read) = Codecs[codec];
        var random = Fuzzing.Random();
        var good = Encoding.UTF8.GetBytes(text);
        read(good);
        // .NET creates its Unicode tables for the first text that needs them. This body creates the tables now, so that they do not count
        // as memory of a later body. U+D00D decomposes into two Hangul letters.
        Codecs["model"].Read(Encoding.UTF8.GetBytes("""{"inputs":["\ud00d"]}"""));
        var taken = 0;
        for (var i = 0; i < Fuzzing.Iterations; i++)
        {
            var body = Mutate(good, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(body);
                taken++;
            }
            catch (Exception e)
                when (e is InferenceException { Error: InferenceError.InvalidRequest } or InvalidMessageException or InvalidDataException)
            {
                // The codec has refused the body with its own error.
            }
            catch (Exception e)
            {
                Assert.Fail($"Body {i}, {Convert.ToBase64String(body)}: {e}");
            }

            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(bytes < Fuzzing.MaxBytes, $"Body {i}, {Convert.ToBase64String(body)} takes {bytes} bytes.");
        }

        // Some mutated bodies must be valid. Otherwise the code after the JSON parser would not be tested.
        Assert.InRange(taken, 1, Fuzzing.Iterations - 1);
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
        return OpenInferenceReader.Read(
            new InferBody(body.AsMemory(0, Math.Min(end, body.Length)), body.AsMemory(Math.Min(end, body.Length))), Pair.Signature);
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
