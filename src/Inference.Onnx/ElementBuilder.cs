using Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>Collects the elements of native tensors of one type in pooled memory.</summary>
internal sealed class ElementBuilder(ElementType type) : IDisposable
{
    private readonly TensorBuilder _builder = new(type);

    public long Count => _builder.Count;

    /// <summary>Appends the elements of a native tensor.</summary>
    /// <param name="output">The name of the output, for errors.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: the tensor has another element type.</exception>
    public void Add(OrtValue value, string output)
    {
        var info = value.GetTensorTypeAndShape();
        if (OnnxSignature.FromOnnx(info.ElementDataType) != type)
        {
            throw new InferenceException(
                InferenceError.RuntimeFailure, $"Output \"{output}\" has elements of the undeclared type {info.ElementDataType}.");
        }

        var count = checked((int)info.ElementCount);
        if (type == ElementType.Bytes)
        {
            for (var i = 0; i < count; i++)
                _builder.AppendBytes(value.GetStringElementAsSpan(i));
        }
        else if (count > 0)
        {
            Append(value.GetTensorMutableRawData());
        }
    }

    /// <summary>Creates the tensor, which the caller disposes.</summary>
    public Tensor Build(Shape shape) => _builder.Build(shape);

    public void Dispose() => _builder.Dispose();

    private void Append(ReadOnlySpan<byte> data)
    {
        switch (type.Size())
        {
            case 1: Append<byte>(data); break;
            case 2: Append<ushort>(data); break;
            case 4: Append<uint>(data); break;
            default: Append<ulong>(data); break;
        }
    }

    private void Append<T>(ReadOnlySpan<byte> data)
        where T : unmanaged
    {
        for (var rest = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(data); !rest.IsEmpty;)
        {
            var free = _builder.Reserve<T>(rest.Length);
            rest[..free.Length].CopyTo(free);
            _builder.Commit<T>(free.Length);
            rest = rest[free.Length..];
        }
    }
}
