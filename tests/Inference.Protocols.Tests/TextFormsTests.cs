using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using Inference.Protocols.Embeddings;
using Inference.Protocols.Predict;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Tests;

/// <summary>
/// The same texts have the same tokens in every form of a request. The same vectors have the same numbers in every form of a response.
/// </summary>
public sealed class TextFormsTests
{
    private static readonly string[] Words = ["hello", "world", "h\u00e9llo", "?"];
    private static readonly int[] Ids = [5, 6, 5, 1];

    [Property(MaxTest = 200)]
    public void Forms_OfTheSameTexts_GiveTheSameTokensAndVectors(int seed)
    {
        var random = new Random(seed);
        var texts = Enumerable.Range(0, random.Next(1, 4))
            .Select(_ => Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(Words.Length)).ToArray()).ToList();
        var words = Array(texts.Select(text => $"\"{string.Join(' ', text.Select(word => Words[word]))}\""));
        var tokens = Array(texts.Select(text => Array(text.Select(word => $"{Ids[word]}").Prepend("2").Append("3"))));

        using var predicted = TextModel.Read($"{{\"text\":{words}}}");
        foreach (var input in (string[])[words, tokens])
        {
            var floats = new EmbeddingBody(Encoding.UTF8.GetBytes($"{{\"model\":\"m\",\"input\":{input}}}"));
            var base64 =
                new EmbeddingBody(Encoding.UTF8.GetBytes($"{{\"model\":\"m\",\"input\":{input},\"encoding_format\":\"base64\"}}"));
            using var request = TextModel.Complete(floats.ToRequest(TextModel.Instance));
            TextModel.Complete(base64.ToRequest(TextModel.Instance)).Dispose();

            Assert.Equal(predicted.Inputs.Select(Text), request.Inputs.Select(Text));
            Assert.Equal(Vectors(base64, request), Vectors(floats, request));
        }
    }

    /// <summary>A vocabulary without accents knows a word by its Unicode decomposition without the combining marks.</summary>
    [Theory]
    [InlineData("HELLO", 5)]
    [InlineData("h\u00e9llo", 5)]
    [InlineData("H\u00c9LL\u00d5", 5)]
    [InlineData("he\u0301llo", 5)]
    [InlineData("w\u1ed9rld", 6)]
    [InlineData("w\u00f8rld", 1)]
    public void Encode_UncasedModel_KnowsAccentedWords(string text, long token)
    {
        using var request = TextModel.Read($"{{\"text\":\"{text}\"}}");

        Assert.Equal([2, token, 3], request.Inputs[0].Tensor.Values<long>().ToArray());
    }

    [Theory]
    [InlineData(2048, true)]
    [InlineData(2049, false)]
    public void Read_ManyTexts_AreLimited(int count, bool isTaken)
    {
        var body = $"{{\"text\":{Array(Enumerable.Repeat("\"hello\"", count))}}}";

        if (!isTaken)
            Signatures.AssertInvalid("text has more than 2048 texts", () => TextModel.Read(body));
        else
            TextModel.Read(body).Dispose();
    }

    /// <summary>Every model accepts a text of 16 KB. A word of more than 100 letters is one unknown token.</summary>
    [Theory]
    [InlineData("a", 16_384, null)]
    [InlineData("a", 16_385, "text is longer than 16384 bytes")]
    [InlineData("a ", 5_000, "text has more than the 16 tokens")]
    [InlineData("\\u0061", 16_384, null)]
    [InlineData("\\u0061", 16_385, "text is longer than 16384 bytes")]
    [InlineData("\u00e9", 8_192, null)]
    [InlineData("\u00e9", 8_193, "text is longer than 16384 bytes")]
    [InlineData("\\u00e9", 8_192, null)]
    [InlineData("\\u00e9", 8_193, "text is longer than 16384 bytes")]
    [InlineData("a", 10_000_000, "text is longer than 16384 bytes")]
    public void Read_LongText_IsRefusedWithTheLimit(string part, int count, string? message)
    {
        var body = $"{{\"text\":\"{string.Concat(Enumerable.Repeat(part, count))}\"}}";

        if (message is null)
            TextModel.Read(body).Dispose();
        else
            Signatures.AssertInvalid(message, () => TextModel.Read(body));
    }

    [Fact]
    public void Read_MuchText_IsTokenizedByTheRequestsWorkWhichCanBeCancelled()
    {
        TextModel.Read("{\"text\":\"hello\"}").Dispose();
        using var shortOne = PredictReader.Read(new PredictBody(Encoding.UTF8.GetBytes("{\"text\":\"hello\"}")), TextModel.Instance);
        var texts = Array(Enumerable.Repeat("\"hello world\"", 500));
        using var longOne = PredictReader.Read(new PredictBody(Encoding.UTF8.GetBytes($"{{\"text\":{texts}}}")), TextModel.Instance);

        Assert.Null(shortOne.RemainingWork);
        Assert.Empty(longOne.Inputs);
        Assert.Throws<OperationCanceledException>(() => longOne.RemainingWork!(longOne, new CancellationToken(canceled: true)));
        longOne.CompleteInputs(CancellationToken.None);
        Assert.Equal(new Shape(500, 4), longOne.Inputs[0].Tensor.Shape);
    }

    private static string Text(RequestInput input) =>
        $"{input.Name} {input.Tensor.Shape} {string.Join(' ', input.Tensor.Values<long>().ToArray())}";

    /// <summary>
    /// Returns the embeddings of the response when each token has its own vector. The vectors depend only on the positions of the tokens.
    /// </summary>
    private static float[] Vectors(EmbeddingBody body, PredictionRequest request)
    {
        var shape = request.Inputs[0].Tensor.Shape;
        var output = Tensor.Rent(ElementType.Float32, new Shape(shape[0], shape[1], 3));
        var values = output.Values<float>();
        for (var i = 0; i < values.Length; i++)
            values[i] = 1f / (i + 1);
        using var prediction = new Prediction(TextModel.Instance, id: null, [new NamedTensor("y", output)]);
        var buffer = new ArrayBufferWriter<byte>();
        EmbeddingWriter.Write(buffer, prediction, body);

        using var response = JsonDocument.Parse(buffer.WrittenMemory);
        return [.. response.RootElement.GetProperty("data").EnumerateArray().SelectMany(entry => Floats(entry.GetProperty("embedding")))];
    }

    private static float[] Floats(JsonElement embedding) => embedding.ValueKind == JsonValueKind.Array
        ? [.. embedding.EnumerateArray().Select(value => value.GetSingle())]
        : MemoryMarshal.Cast<byte, float>(embedding.GetBytesFromBase64()).ToArray();

    private static string Array(IEnumerable<string> items) => $"[{string.Join(',', items)}]";
}
