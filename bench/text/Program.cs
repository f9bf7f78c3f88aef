// Measures tokens per second on one thread, alternately for this tokenizer and for Hugging Face's library (Tokenizers.DotNet):
//   taskset -c 0 env RAYON_NUM_THREADS=1 dotnet run -c Release --project bench/text [kind ...]
using System.Diagnostics;
using Inference.Text;
using Inference.Text.Tests;
using RustTokenizer = Tokenizers.DotNet.Tokenizer;

const int Texts = 2_000, Rounds = 5;
foreach (var kind in args.Length > 0 ? args : SampleTokenizers.Names)
{
    var path = Path.GetTempFileName();
    await File.WriteAllTextAsync(path, SampleTokenizers.GetJson(kind));
    var ours = Tokenizer.Load(path);
    using var theirs = new RustTokenizer(path);
    File.Delete(path);

    var random = new RandomTexts(seed: 11);
    var texts = Enumerable.Range(0, Texts).Select(_ => Whole(random.Next())).ToArray();
    var tokens = texts.Sum(text => ours.Encode(text).Length);
    var (best, bestOfTheirs) = (double.MaxValue, double.MaxValue);
    for (var round = 0; round < Rounds; round++)
    {
        // The fastest round counts, because other load can only slow a round down.
        best = Math.Min(best, Measure(texts, text => ours.Encode(text).Length));
        bestOfTheirs = Math.Min(bestOfTheirs, Measure(texts, text => theirs.Encode(text).Length));
    }

    Console.WriteLine(
        $"{kind,-12} {tokens / best / 1e6,6:F2} million tokens/s, Hugging Face's {tokens / bestOfTheirs / 1e6,6:F2}, "
        + $"ratio {bestOfTheirs / best:F2}");
}

// Tokenizers.DotNet refuses unpaired surrogates.
static string Whole(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));

static double Measure(string[] texts, Func<string, int> encode)
{
    var start = Stopwatch.GetTimestamp();
    foreach (var text in texts)
        encode(text);
    return Stopwatch.GetElapsedTime(start).TotalSeconds;
}
