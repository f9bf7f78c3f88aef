using System.Buffers;
using Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Native;

/// <summary>
/// The native values of one run. Values of fixed-size elements share the pooled memory of the tensors, which stays pinned until disposal.
/// Strings are copied, because ONNX Runtime has its own representation of strings. After disposal, the object is empty and can be used
/// again.
/// </summary>
internal sealed class NativeValues : IDisposable
{
    private OrtValue[] _values = [];
    private MemoryHandle[] _pins = [];
    private int _addedCount;

    /// <summary>The native values in the order of the tensors, valid until disposal.</summary>
    public IReadOnlyCollection<OrtValue> Values => _values;

    /// <summary>Creates the native values of tensors, valid until disposal.</summary>
    public NativeValues Fill(IReadOnlyList<Tensor> tensors)
    {
        if (_values.Length != tensors.Count)
            (_values, _pins) = (new OrtValue[tensors.Count], new MemoryHandle[tensors.Count]);
        try
        {
            for (; _addedCount < _values.Length; _addedCount++)
            {
                var tensor = tensors[_addedCount];
                _values[_addedCount] = tensor.Type == ElementType.Bytes ? CopyStrings(tensor) : Overlay(tensor, out _pins[_addedCount]);
            }

            return this;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var value in _values.AsSpan(0, _addedCount))
            value.Dispose();
        foreach (ref var pin in _pins.AsSpan())
            pin.Dispose();
        Array.Clear(_values);
        _addedCount = 0;
    }

    /// <summary>Copies a native output to a tensor in pooled memory, which the caller disposes.</summary>
    public static Tensor ToTensor(OrtValue value, string name)
    {
        if (!value.IsTensor)
        {
            throw new InferenceException(
                InferenceError.RuntimeFailure, $"Output \"{name}\" is {value.OnnxType} instead of a tensor.");
        }

        var info = value.GetTensorTypeAndShape();
        var type = OnnxSignature.FromOnnx(info.ElementDataType)
            ?? throw new InferenceException(
                InferenceError.RuntimeFailure, $"Output \"{name}\" has elements of the unsupported type {info.ElementDataType}.");
        var shape = new Shape(info.Shape);
        if (type == ElementType.Bytes)
            return ToBytes(value, shape, checked((int)info.ElementCount));
        var tensor = Tensor.Rent(type, shape);
        if (info.ElementCount > 0)
            value.GetTensorMutableRawData().CopyTo(tensor.Data.Span);
        return tensor;
    }

    private static Tensor ToBytes(OrtValue value, Shape shape, int count)
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        builder.AppendStrings(value, count);
        return builder.Build(shape);
    }

    private static unsafe OrtValue Overlay(Tensor tensor, out MemoryHandle pin)
    {
        pin = tensor.Data.Pin();
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance,
            OnnxSignature.ToOnnx(tensor.Type),
            tensor.Shape.Dimensions.ToArray(),
            (nint)pin.Pointer,
            tensor.Data.Length);
    }

    private static OrtValue CopyStrings(Tensor tensor)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, tensor.Shape.Dimensions.ToArray());
        var index = 0;
        foreach (var element in new PackedBytes(tensor.Data.Span))
            value.StringTensorSetElementAt(element, index++);
        return value;
    }
}
