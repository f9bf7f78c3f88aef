using System.Collections.Concurrent;
using System.Globalization;
using Inference.Testing;

namespace Functions.Tests.Chaos;

/// <summary>Writes and changes the models of a chaos run, and checks their outputs.</summary>
internal sealed class ChaosModels : IDisposable
{
    public const string Words = "words", Slow = "slow", Endless = "endless", Stuck = "stuck";
    public const string Invalid = "garbage", Table = "table", Alone = "alone", TooBig = "toobig";

    /// <summary>A model whose file is replaced, and a model that gets new versions.</summary>
    public const string Swapped = "swapped", Versioned = "versioned";

    /// <summary>The last version of <see cref="Versioned"/>.</summary>
    public const int LastVersion = 1_000_000;

    /// <summary>The memory budget of all models in bytes. The used models together need more.</summary>
    public const long Budget = 64 << 20;

    private const long EvictedBytes = 8 << 20, AloneBytes = 48 << 20, TooBigBytes = 80 << 20;

    /// <summary>The iterations of a run of about 0.3 s.</summary>
    private const long SlowIterations = 20_000;

    private readonly ModelFolder _folder = new();
    private readonly ConcurrentDictionary<string, ConcurrentBag<float>> _factors = new();

    /// <summary>The models that multiply their rows by a factor. The factors of the last two models change.</summary>
    public static readonly string[] Scaling = ["plain", "joined", Swapped, Versioned];

    /// <summary>Models that do not fit into the budget together, so that each load evicts another model.</summary>
    public static readonly string[] Evicted = ["weights0", "weights1", "weights2", "weights3", "weights4", "weights5"];

    public ChaosModels()
    {
        foreach (var (model, factor) in Scaling.Zip([2f, 3f, 5f, 7f]))
            WriteScaling(model, 1, factor);
        _folder.Write("""{"batching":{"contract":"declared"}}""", "joined", "model.json");
        // A version of this model may run endlessly. The short timeout keeps the next version from waiting a minute.
        _folder.Write("""{"timeouts":{"comparison":"00:00:05"}}""", Versioned, "model.json");
        for (var i = 0; i < Evicted.Length; i++)
            WriteWeights(Evicted[i], EvictedBytes, i + 1);
        WriteWeights(Alone, AloneBytes, 1);
        WriteWeights(TooBig, TooBigBytes, 1);
        Write(Slow, 1, GeneratedModels.Loop(SlowIterations));
        Write(Endless, 1, GeneratedModels.Loop(long.MaxValue));
        Write(Stuck, 1, GeneratedModels.Loop(long.MaxValue));
        _folder.Write("""{"lifecycle":{"warmup":true}}""", Stuck, "model.json");
        Write(Table, 1, GeneratedModels.Table());
        WriteGarbage(Invalid, 1);
        TestModels.CopyTo("embedder", _folder.PathOf(Words, "1"));
        _folder.Write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n", Words, "1", "vocab.txt");
        _folder.Write("""{"text":{"tokenizer":"wordpiece"}}""", Words, "model.json");
    }

    /// <summary>The models that accept a row of any numbers and return one row.</summary>
    public static IEnumerable<string> Good => [.. Scaling, .. Evicted];

    public ModelFolder Folder => _folder;

    public void WriteScaling(string model, int version, float factor)
    {
        // The factor is added before the file, because a response with this factor may come as soon as the file exists.
        _factors.GetOrAdd(model, _ => []).Add(factor);
        Write(model, version, GeneratedModels.Scaling(factor));
    }

    public void WriteEndless(string model, int version) => Write(model, version, GeneratedModels.Loop(long.MaxValue));

    public void WriteGarbage(string model, int version) => _folder.Write("no model", model, Number(version), "model.onnx");

    public void Remove(string model, int version)
    {
        if (Directory.Exists(_folder.PathOf(model, Number(version))))
            Directory.Delete(_folder.PathOf(model, Number(version)), recursive: true);
    }

    /// <summary>
    /// Describes the error in an output of a <see cref="Good"/> model or of <see cref="Alone"/>; returns null for a right output.
    /// </summary>
    public string? CheckGood(string model, float[] row, float[] response)
    {
        if (!Scaling.Contains(model))
        {
            return response is [var sum] && IsNear(sum, row.Sum() * _factors[model].Single())
                ? null
                : "is not the sum of the row times the factor of the model";
        }

        if (response.Length != row.Length)
            return "has another number of columns";
        var factor = response[0] / row[0];
        if (row.Zip(response).Any(pair => pair.Second != pair.First * factor))
            return "is not one multiple of the row: rows or versions are mixed";
        return _factors[model].Contains(factor)
            ? null
            : FormattableString.Invariant($"is {factor} times the row, which no version of the model answers");
    }

    public static string? CheckSame(float[] row, float[] response) => response.AsSpan().SequenceEqual(row) ? null : "is not the row";

    public static string? CheckTable(float[] row, float[] response) =>
        response.AsSpan().SequenceEqual([.. row.Select(index => 10 * (index + 1))]) ? null : "is not what the table has";

    /// <summary>
    /// Checks for the mean of the tokens' vectors, which are (number of the token, 1, 0). [CLS] and [SEP] count as tokens.
    /// </summary>
    public static string? CheckWords(float[] row, float[] response)
    {
        var mean = (2 + 3 + row.Sum(word => word + 5)) / (row.Length + 2);
        return response.Length == 3 && IsNear(response[0], mean) && response[1..] is [1, 0] ? null : "is not the mean of the text's tokens";
    }

    public void Dispose() => _folder.Dispose();

    private void WriteWeights(string model, long bytes, float factor)
    {
        _factors.GetOrAdd(model, _ => []).Add(factor);
        Write(model, 1, GeneratedModels.Weights(bytes, factor));
    }

    private void Write(string model, int version, byte[] content) => _folder.Write(content, model, Number(version), "model.onnx");

    private static bool IsNear(float value, float expected) => MathF.Abs(value - expected) <= 1e-3f * MathF.Max(1, MathF.Abs(expected));

    private static string Number(int version) => version.ToString(CultureInfo.InvariantCulture);
}
