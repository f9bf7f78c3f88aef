using System.Globalization;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.TensorFlowServing;

/// <summary>
/// Reads <c>[{"a":...,"b":...}, ...]</c>. In the body, each row has one value of every input. In a tensor, the values of one input are
/// consecutive.
/// </summary>
internal sealed class InstanceRows : IDisposable
{
    private readonly ModelSignature _signature;
    private readonly TensorBuilder?[] _values;
    private readonly Shape?[] _shapes;
    private readonly bool[] _isRead;
    private int _rowCount;

    private InstanceRows(ModelSignature signature)
    {
        _signature = signature;
        _values = new TensorBuilder[signature.Inputs.Length];
        (_shapes, _isRead) = (new Shape?[_values.Length], new bool[_values.Length]);
    }

    /// <param name="reader">Positioned at the start of the array.</param>
    public static void Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Model model, PredictionRequest request)
    {
        var signature = model.Signature;
        using var rows = new InstanceRows(signature);
        var areImages = model.Image is not null && ImageElements.HasImageInFirstMember(reader);
        for (var i = 0; i < rows._values.Length; i++)
            rows._values[i] = new TensorBuilder(areImages ? ElementType.Bytes : signature.Inputs[i].Type);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            rows.ReadRow(ref reader, json);
        rows.Build(request);
    }

    public void Dispose()
    {
        foreach (var values in _values)
            values?.Dispose();
    }

    private void ReadRow(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"instances[{_rowCount}]");
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartObject, path, "an object of inputs by name");
        Array.Clear(_isRead);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.ReadString(ref reader, "A name");
            var index = TensorFlowServingReader.IndexOf(_signature, name, path);
            ReadValue(ref reader, json, index, $"{path}.{name}");
        }

        if (Array.IndexOf(_isRead, false) is var missing and >= 0)
        {
            throw InferenceException.InvalidRequest(
                $"{path} has no \"{_signature.Inputs[missing].Name}\"; every instance has {SignatureText.Inputs(_signature)}.",
                ErrorReason.InvalidName);
        }

        _rowCount++;
    }

    private void ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, int index, string path)
    {
        JsonText.ReadOnce(ref reader, ref _isRead[index], path);
        var shape = JsonTensorReader.Read(ref reader, json, _values[index]!, path, dialect: JsonDialect.TensorFlow);
        if ((_shapes[index] ??= shape) != shape)
        {
            throw InferenceException.InvalidRequest(
                $"{path} has shape {shape}, but this input has shape {_shapes[index]} in the instances before.", ErrorReason.InvalidShape);
        }
    }

    private void Build(PredictionRequest request)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            EmptyNesting.TryComplete(
                new Shape([_rowCount, .. _shapes[i]!.Value.Dimensions]), _signature.Inputs[i].Shape.Dimensions, out var shape);
            request.Inputs.Add(
                new RequestInput(_signature.Inputs[i].Name, _values[i]!.Build(shape), $"instances[].{_signature.Inputs[i].Name}"));
        }
    }
}
