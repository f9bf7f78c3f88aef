using Microsoft.ML.OnnxRuntime;

/// <summary>A batch that repeats one item. Each thread runs a batch of its own repeatedly, with tensors that are allocated once.</summary>
internal sealed class Batch : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly OrtValue[] _inputs;
    private readonly OrtValue[] _outputs;

    public Batch(InferenceSession session, string input, string output, int[] shape, float[] item, int size)
    {
        _session = session;
        (_inputNames, _outputNames) = ([input], [output]);
        long[] dimensions = [size, .. shape.Skip(1)];
        var features = Enumerable.Repeat(item, size).SelectMany(values => values).ToArray();
        _inputs = [OrtValue.CreateTensorValueFromMemory(features, dimensions)];
        using var first = session.Run(_options, _inputNames, _inputs, _outputNames);
        var produced = first[0].GetTensorTypeAndShape();
        Answer = new float[produced.ElementCount];
        _outputs = [OrtValue.CreateTensorValueFromMemory(Answer, produced.Shape)];
    }

    public float[] Answer { get; }

    public void Run() => _session.Run(_options, _inputNames, _inputs, _outputNames, _outputs);

    public void Dispose()
    {
        _inputs[0].Dispose();
        _outputs[0].Dispose();
        _options.Dispose();
    }
}
