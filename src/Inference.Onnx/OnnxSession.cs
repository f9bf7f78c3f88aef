using Inference.Models;
using Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

internal sealed class OnnxSession(InferenceSession session, ModelSignature signature) : IModelSession
{
    private readonly string[] _inputNames = [.. signature.Inputs.Select(input => input.Name)];

    /// <summary>Models whose declared output shapes are wrong exist: found out once, never trusted again.</summary>
    private volatile bool _trustOutputShapes = true;

    public ModelSignature Signature { get; } = signature;

    public ExecutionPlan Plan { get; } = ExecutionPlan.Default;

    public bool ComputesHere => true;

    public Task<Tensor[]> RunAsync(IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult(Run(inputs, outputs, cancellationToken));
        }
        catch (Exception e)
        {
            return Task.FromException<Tensor[]>(e);
        }
    }

    public void Dispose() => session.Dispose();

    /// <summary>ONNX Runtime's message without the C++ source location that some carry.</summary>
    public static string Reason(OnnxRuntimeException exception)
    {
        var message = exception.Message;
        var end = message.IndexOf("Status Message: ", StringComparison.Ordinal);
        return (end < 0 ? message : message[(end + "Status Message: ".Length)..]).Trim();
    }

    private Tensor[] Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, CancellationToken cancellationToken)
    {
        using var values = new OnnxTensors(inputs.Count);
        foreach (var input in inputs)
            values.Add(input);
        using var options = new RunOptions();
        // Declared after the options: its dispose waits for a callback under way, so Terminate never touches freed options.
        using var registration = cancellationToken.UnsafeRegister(static options => ((RunOptions)options!).Terminate = true, options);
        try
        {
            return RunIntoOurs(options, values, inputs, outputs) ?? RunIntoTheirs(options, values, outputs);
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new InferenceException(InferenceError.RuntimeFailure, $"The model failed on these inputs: {Reason(e)}", e);
        }
    }

    /// <summary>Lets the run write straight into pooled memory; null when the outputs' shapes cannot be told before.</summary>
    private Tensor[]? RunIntoOurs(RunOptions options, OnnxTensors inputValues, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs)
    {
        if (!_trustOutputShapes || !OutputShapes.TryResolve(Signature, inputs, outputs, out var shapes))
            return null;
        var results = new Tensor[outputs.Count];
        try
        {
            using var values = new OnnxTensors(outputs.Count);
            for (var i = 0; i < results.Length; i++)
                values.Add(results[i] = Tensor.Rent(Signature.Outputs[outputs[i]].Type, shapes[i]));
            session.Run(options, _inputNames, inputValues.Values, OutputNames(outputs), values.Values);
            return results;
        }
        catch (OnnxRuntimeException) when (!options.Terminate)
        {
            // Either the input is at fault, and the second run says so, or the declared shapes are.
            DisposeAll(results);
            return RunAgain(options, inputValues, outputs);
        }
        catch
        {
            DisposeAll(results);
            throw;
        }
    }

    private Tensor[] RunAgain(RunOptions options, OnnxTensors inputValues, IReadOnlyList<int> outputs)
    {
        var results = RunIntoTheirs(options, inputValues, outputs);
        _trustOutputShapes = false;
        return results;
    }

    private Tensor[] RunIntoTheirs(RunOptions options, OnnxTensors inputValues, IReadOnlyList<int> outputs)
    {
        var names = OutputNames(outputs);
        using var values = session.Run(options, _inputNames, inputValues.Values, names);
        var results = new Tensor[outputs.Count];
        try
        {
            for (var i = 0; i < results.Length; i++)
                results[i] = OnnxTensors.ToTensor(values[i], names[i]);
            return results;
        }
        catch
        {
            DisposeAll(results);
            throw;
        }
    }

    private string[] OutputNames(IReadOnlyList<int> outputs) => [.. outputs.Select(output => Signature.Outputs[output].Name)];

    private static void DisposeAll(Tensor?[] tensors)
    {
        foreach (var tensor in tensors)
            tensor?.Dispose();
    }
}
