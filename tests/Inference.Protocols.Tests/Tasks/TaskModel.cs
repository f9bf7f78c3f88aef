using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Predict;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Protocols.Tests.Tasks;

/// <summary>
/// A model with a task, for which a test supplies the outputs. The tests check the response that is made from these outputs.
/// </summary>
internal sealed class TaskModel : IDisposable
{
    private readonly TempFolder _folder = new();

    public TaskModel(ModelTask? task, TextSettings? text = null, params string[] labels)
    {
        File.WriteAllText(
            _folder.Combine("tokenizer.json"),
            HubTokenizer.WordPiece(
                "hello", "world", "micro", "##soft", "is", "in", "paris", ".", "this", "example", "sports", "news", "query", ":"));
        var signature = new ModelSignature(
            [Tokens("input_ids"), Tokens("attention_mask"), Tokens("token_type_ids")],
            [new TensorSpec("y", ElementType.Float32, new Shape(-1, -1, 3), ["n", "t", ""])]);
        Model = Signatures.Model(signature, labels) with
        {
            Task = task,
            Text = text
            ?? new TextSettings { MaxTokens = 16 },
            Folder = Folder
        };
    }

    public Model Model { get; }

    public string Folder => _folder.Path;

    /// <summary>Returns the elements of one input of the request that a body describes.</summary>
    public long[] Read(string body, string input)
    {
        using var request = Complete(new PredictBody(Encoding.UTF8.GetBytes(body)));
        return request.Inputs.First(candidate => candidate.Name == input).Tensor.Values<long>().ToArray();
    }

    /// <summary>Returns the response to a request for which the model has returned an output with these values.</summary>
    /// <param name="shape">The shape of the output: the rows, the tokens of each row if there are any, and the numbers.</param>
    public JsonElement Answer(string body, float[] values, params long[] shape)
    {
        var predict = new PredictBody(Encoding.UTF8.GetBytes(body));
        using var request = Complete(predict);
        using var prediction =
            new Prediction(Model, id: null, [new NamedTensor("y", Tensor.Create<float>(ElementType.Float32, new Shape(shape), values))]);
        var written = new ArrayBufferWriter<byte>();
        PredictWriter.Write(written, prediction, predict.Format);
        return JsonDocument.Parse(written.WrittenMemory).RootElement;
    }

    public void AssertRefused(string body, string message) =>
        Signatures.AssertInvalid(message, () => Complete(new PredictBody(Encoding.UTF8.GetBytes(body))));

    public void Dispose() => _folder.Dispose();

    /// <summary>Pseudorandom numbers from -2 to 2.</summary>
    public static float[] Numbers(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (4 * random.NextSingle()) - 2)];
    }

    public static double[] Softmax(IEnumerable<double> values)
    {
        double[] exponentials = [.. values.Select(Math.Exp)];
        return [.. exponentials.Select(value => value / exponentials.Sum())];
    }

    public static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));

    public static void AssertClose(IEnumerable<double> expected, IEnumerable<double> actual) =>
        Assert.Equal(expected.ToImmutableArray(), actual.ToImmutableArray(), (left, right) =>
            Math.Abs(left - right) <= 1e-5 * Math.Max(1, Math.Abs(left)));

    public static void AssertClose(double expected, JsonElement actual) => AssertClose([expected], [actual.GetDouble()]);

    public static double[] ToNumbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    private PredictionRequest Complete(PredictBody body)
    {
        var request = PredictReader.Read(body, Model);
        try
        {
            request.CompleteInputs(CancellationToken.None);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    private static TensorSpec Tokens(string name) => new(name, ElementType.Int64, new Shape(-1, -1), ["n", "t"]);
}
