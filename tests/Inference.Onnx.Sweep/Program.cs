using Inference.Onnx.Sweep;
using Microsoft.ML.OnnxRuntime;

switch (args)
{
    case [ProbeProcess.Argument]:
        Probe.Run();
        return 0;
    case ["zero-sizes", var target, .. var folders]:
        using (var sweep = new ZeroSizeSweep())
        {
            foreach (var testCase in folders.SelectMany(TestCase.Find))
                await sweep.AddAsync(testCase);
            var version = typeof(OrtEnv).Assembly.GetName().Version!.ToString(3);
            await File.WriteAllLinesAsync(
                target, [$"# {sweep.Runs} runs of ONNX Runtime {version}, by tests/Inference.Onnx.Sweep.", .. sweep.Report()]);
        }

        return 0;
    default:
        Console.Error.WriteLine("Usage: Inference.Onnx.Sweep zero-sizes <target> <folder of test data> ...");
        return 2;
}
