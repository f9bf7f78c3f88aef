using Inference.Onnx.Sweep;

if (args is [ProbeProcess.Argument])
{
    Probe.Run();
    return 0;
}

Console.Error.WriteLine("Usage: Inference.Onnx.Sweep probe");
return 2;
