// Runs ONNX Runtime alone in a loop. Its rate is the upper bound for every server around it, and its outputs are the expected ones.
//
//     Raw <model.onnx> <input of one item, float32 little-endian> <seconds for each batch size, 0: only the answer>
//
// Prints one JSON object: the input's name and shape, the output of one item, and items/s for each batch size. As many threads as
// processors share one session. A run uses one thread, and its tensors are allocated once.
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

int[] batchSizes = [1, 32];
var seconds = double.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture);
var item = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(args[1])).ToArray();

// The arena is off, because all threads would share its lock.
using var options = new SessionOptions { IntraOpNumThreads = 1, EnableCpuMemArena = false, EnableMemoryPattern = false };
using var session = new InferenceSession(args[0], options);
var (input, metadata) = session.InputMetadata.Single();
var output = session.OutputNames[0];
var shape = Array.ConvertAll(metadata.Dimensions, dimension => dimension < 0 ? 1 : dimension);

using var single = new Batch(session, input, output, shape, item, 1);
single.Run();
var rates = seconds > 0 ? batchSizes.ToDictionary(size => $"{size}", Measure) : [];
Console.WriteLine(JsonSerializer.Serialize(new { input, output, shape, answer = single.Answer, rates }));

double Measure(int size)
{
    var watch = Stopwatch.StartNew();
    var runs = new long[Environment.ProcessorCount];
    var threads = runs.Select((_, index) => new Thread(() =>
    {
        using var batch = new Batch(session, input, output, shape, item, size);
        do
        {
            batch.Run();
            runs[index]++;
        }
        while (watch.Elapsed.TotalSeconds < seconds);
    })).ToArray();
    Array.ForEach(threads, thread => thread.Start());
    Array.ForEach(threads, thread => thread.Join());
    return runs.Sum() * size / watch.Elapsed.TotalSeconds;
}
