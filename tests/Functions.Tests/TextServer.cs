using Inference.Testing;

namespace Functions.Tests;

/// <summary>
/// A server of models for texts of the words "hello" and "world". An embedder gives each token the vector (number of the token, 1, 0). The
/// score of a ranker is the sum of the token numbers of the second text, minus 10. The classifier's score of the label "warm" is the sum of
/// all token numbers, minus 10. Its score of "cold" is the negative of that.
/// </summary>
public sealed class TextServer : IAsyncLifetime
{
    private const string Ranker = """
        in input_ids i64[n,t]; in attention_mask i64[n,t]; in token_type_ids i64[n,t]; const axis i64[1] 1; const ten f32[1] 10
        second = Mul(input_ids, token_type_ids); sum = ReduceSum(second, axis) keepdims=1; score = Cast(sum) to=1; logits = Sub(score, ten)
        out logits f32[n,1]
        """;

    private const string Classifier = """
        in input_ids i64[n,t]; in attention_mask i64[n,t]; const axis i64[1] 1; const ten f32[1] 10; const weights f32[1,2] 1 -1
        known = Mul(input_ids, attention_mask); sum = ReduceSum(known, axis) keepdims=1; number = Cast(sum) to=1; score = Sub(number, ten)
        logits = MatMul(score, weights)
        out logits f32[n,2]
        """;

    private readonly ModelFolder _models = new();

    public FunctionsProcess Process { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        foreach (var model in (string[])["mean", "prompted", "none", "lost"])
            TestModels.CopyTo("embedder", _models.PathOf(model, "1"));
        foreach (var model in (string[])["ranker", "org--ranker"])
            _models.Write(OnnxText.Compile(Ranker), model, "1", "model.onnx");
        _models.Write(OnnxText.Compile(Classifier), "classifier", "1", "model.onnx");
        _models.Write(OnnxText.Compile(Classifier), "none", "1", "model.onnx");
        _models.Write("warm\ncold\n", "classifier", "1", "labels.txt");
        _models.WriteScaling("plain", 1, 2);
        foreach (var model in (string[])["mean", "prompted", "none", "ranker", "org--ranker", "classifier"])
            _models.Write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n", model, "1", "vocab.txt");
        foreach (var model in (string[])["mean", "lost"])
            _models.Write("""{"text":{"tokenizer":"wordpiece","lowercase":true,"maxTokens":8}}""", model, "model.json");
        foreach (var model in (string[])["ranker", "org--ranker"])
            _models.Write("""{"task":"text-ranking","text":{"tokenizer":"wordpiece","maxTokens":8}}""", model, "model.json");
        _models.Write("""{"task":"text-classification","text":{"tokenizer":"wordpiece"}}""", "classifier", "model.json");
        _models.Write(
            """{"task":"feature-extraction","text":{"tokenizer":"wordpiece","pooling":"mean","prompts":{"query":"world "},"normalize":true}}""", "prompted", "model.json");
        _models.Write("""{"text":{"tokenizer":"wordpiece","pooling":"none"}}""", "none", "model.json");
        Process = await _models.ServeAsync();
    }

    public async Task DisposeAsync()
    {
        await Process.DisposeAsync();
        _models.Dispose();
    }
}
