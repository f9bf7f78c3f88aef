using System.Runtime.InteropServices;
using Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Binding;

/// <summary>A block of memory that is bound to the inputs and outputs of a native session, for one run at a time.</summary>
internal sealed class BoundRun : IDisposable
{
    private readonly InferenceSession _session;
    private readonly BoundLayout _layout;
    private readonly byte[] _block;
    private readonly OrtIoBinding _binding;

    /// <summary>Allocates the block, and binds it to all inputs and outputs of the session.</summary>
    /// <exception cref="OnnxRuntimeException">The session does not accept the layout.</exception>
    public BoundRun(InferenceSession session, BoundLayout layout)
    {
        (_session, _layout) = (session, layout);
        _block = GC.AllocateUninitializedArray<byte>(layout.Length, pinned: true);
        _binding = session.CreateIoBinding();
        foreach (var input in layout.Inputs)
        {
            using var value = CreateValueOverBlock(input);
            _binding.BindInput(input.Name, value);
        }

        foreach (var output in layout.Outputs)
        {
            using var value = CreateValueOverBlock(output);
            _binding.BindOutput(output.Name, value);
        }
    }

    /// <summary>Copies the inputs to the block, runs the session, and copies the requested outputs.</summary>
    /// <param name="outputs">The positions of the requested outputs in the signature.</param>
    /// <returns>The requested outputs, which the caller disposes.</returns>
    public Tensor[] Run(RunOptions options, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs)
    {
        for (var i = 0; i < _layout.Inputs.Length; i++)
            inputs[i].Data.Span.CopyTo(_layout.Inputs[i].GetBytes(_block));
        // The block contains the outputs of the previous run, maybe for another caller. A kernel may not write its whole output.
        foreach (var output in _layout.Outputs)
            output.GetBytes(_block).Clear();
        _session.RunWithBinding(options, _binding);
        var results = new Tensor[outputs.Count];
        for (var i = 0; i < results.Length; i++)
        {
            var output = _layout.Outputs[outputs[i]];
            results[i] = Tensor.Create<byte>(output.Type, output.Shape, output.GetBytes(_block));
        }

        return results;
    }

    public void Dispose() => _binding.Dispose();

    private OrtValue CreateValueOverBlock(in BoundTensor tensor) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance,
        OnnxSignature.ToOnnx(tensor.Type),
        tensor.Shape.Dimensions.ToArray(),
        Marshal.UnsafeAddrOfPinnedArrayElement(_block, tensor.Offset),
        tensor.Length);
}
