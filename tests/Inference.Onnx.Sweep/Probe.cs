using System.Runtime.InteropServices;
using System.Text.Json;
using Inference.Models.Settings;
using Inference.Onnx.Native;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx.Sweep;

/// <summary>
/// The child process, which may crash. It runs a job for each line of its standard input, with the same session options as the server.
/// </summary>
internal static class Probe
{
    public static void Run()
    {
        OnnxEnvironment.EnsureCreated();
        using var output = Console.OpenStandardOutput();
        while (Console.In.ReadLine() is { } line)
        {
            JsonSerializer.Serialize(output, Run(JsonSerializer.Deserialize<ProbeJob>(line)!));
            output.Write("\n"u8);
            output.Flush();
        }
    }

    private static ProbeResult Run(ProbeJob job)
    {
        using var options = NativeSession.CreateOptions(MemoryProfile.Balanced, job.Threads);
        if (job.OptimizedPath is { } path)
            options.OptimizedModelFilePath = path;
        InferenceSession session;
        try
        {
            session = NativeSession.Open(job.ModelPath, options, CancellationToken.None);
        }
        catch (OnnxRuntimeException e)
        {
            return ProbeResult.Failed(ProbeOutcome.NotLoaded, NativeMessage.GetReason(e));
        }

        using (session)
            return Run(session, job.Inputs);
    }

    private static ProbeResult Run(InferenceSession session, TestTensor[] inputs)
    {
        string[] names = [.. session.InputNames, .. session.OutputNames];
        if (session.InputNames.Count != inputs.Length)
            return new ProbeResult(ProbeOutcome.Refused, $"{inputs.Length} inputs for {session.InputNames.Count}.", names, []);
        var pins = Array.ConvertAll(inputs, input => GCHandle.Alloc(input.Data, GCHandleType.Pinned));
        var values = new List<OrtValue>();
        try
        {
            for (var i = 0; i < inputs.Length; i++)
                values.Add(ToValue(inputs[i], pins[i]));
            using var options = new RunOptions();
            using var outputs = session.Run(options, session.InputNames, values, session.OutputNames);
            TestTensor?[] results = [.. outputs.Select(FromValue)];
            return results.Contains(null)
                ? new ProbeResult(ProbeOutcome.NotTensors, "", names, [])
                : new ProbeResult(ProbeOutcome.Succeeded, "", names, results!);
        }
        catch (OnnxRuntimeException e)
        {
            return new ProbeResult(ProbeOutcome.Refused, NativeMessage.GetReason(e), names, []);
        }
        finally
        {
            values.ForEach(value => value.Dispose());
            Array.ForEach(pins, pin => pin.Free());
        }
    }

    private static OrtValue ToValue(TestTensor tensor, GCHandle pin)
    {
        if (tensor.Type != TestTensor.StringType)
        {
            return OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, (TensorElementType)tensor.Type, tensor.Shape, pin.AddrOfPinnedObject(), tensor.Data.Length);
        }

        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, tensor.Shape);
        var index = 0;
        foreach (var text in tensor.Texts())
            value.StringTensorSetElementAt(text.Span, index++);
        return value;
    }

    private static TestTensor? FromValue(OrtValue value)
    {
        if (!value.IsTensor)
            return null;
        var info = value.GetTensorTypeAndShape();
        var tensor = new TestTensor((int)info.ElementDataType, info.Shape, []);
        if (tensor.Type == TestTensor.StringType)
        {
            return tensor with
            {
                Data = [.. Enumerable.Range(0, (int)info.ElementCount).SelectMany(i => TestTensor.Pack(value.GetStringElementAsSpan(i)))],
            };
        }

        if (tensor.ElementSize == 0)
            return null;
        return info.ElementCount == 0 ? tensor : tensor with { Data = value.GetTensorMutableRawData().ToArray() };
    }
}
