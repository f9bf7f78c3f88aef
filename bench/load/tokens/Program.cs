// Runs ONNX Runtime alone on padded batches of token ids, repeatedly, on as many threads as there are processors.
//
//     Tokens <model.onnx> <batches.json: an array of arrays of lengths> <seconds>
//
// Prints the texts/s and the milliseconds of processor time for each text. The threads share one session, and a run uses one thread.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

const int Words = 30_000, FirstWord = 5;
var batches = JsonSerializer.Deserialize<int[][]>(File.ReadAllText(args[1]))!;
var seconds = double.Parse(args[2], CultureInfo.InvariantCulture);

using var options = new SessionOptions { IntraOpNumThreads = 1 };
using var session = new InferenceSession(args[0], options);
string[] names = [.. session.InputNames];
string[] outputs = [.. session.OutputNames];
Run(batches[0]);

var (next, texts) = (-1, 0L);
var watch = Stopwatch.StartNew();
var before = Environment.CpuUsage.TotalTime;
var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
{
    while (watch.Elapsed.TotalSeconds < seconds)
    {
        var batch = batches[Interlocked.Increment(ref next) % batches.Length];
        Run(batch);
        Interlocked.Add(ref texts, batch.Length);
    }
})).ToArray();
Array.ForEach(threads, thread => thread.Start());
Array.ForEach(threads, thread => thread.Join());
var processor = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / texts;
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{texts / watch.Elapsed.TotalSeconds:F2} {processor:F3}"));

void Run(int[] lengths)
{
    var (longest, shape) = (lengths.Max(), new long[] { lengths.Length, lengths.Max() });
    var values = names.Select(name =>
    {
        var numbers = new long[lengths.Length * longest];
        for (var at = 0; at < numbers.Length; at++)
        {
            var isToken = at % longest < lengths[at / longest];
            numbers[at] = !isToken ? 0 : name == "input_ids" ? FirstWord + (at * 7919L % Words) : name == "attention_mask" ? 1 : 0;
        }

        return OrtValue.CreateTensorValueFromMemory(numbers, shape);
    }).ToArray();
    using var run = new RunOptions();
    using var results = session.Run(run, names, values, outputs);
    Array.ForEach(values, value => value.Dispose());
}
