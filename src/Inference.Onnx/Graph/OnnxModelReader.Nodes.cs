using System.Collections.Immutable;

namespace Inference.Onnx.Graph;

/// <content>Reads nodes and their attributes.</content>
internal sealed partial class OnnxModelReader
{
    private OnnxNode ReadNode()
    {
        _cancellationToken.ThrowIfCancellationRequested();
        var (name, operation, domain) = ("", "", "");
        var inputs = ImmutableArray.CreateBuilder<string>();
        var outputs = ImmutableArray.CreateBuilder<string>();
        var attributes = ImmutableDictionary.CreateBuilder<string, OnnxAttribute>();
        var outerEnd = _file.EnterMessage();
        while (_file.TryReadTag(out var field, out var type))
        {
            switch (field)
            {
                case 1:
                    inputs.Add(_file.ReadString());
                    break;
                case 2:
                    outputs.Add(_file.ReadString());
                    break;
                case 3:
                    name = _file.ReadString();
                    break;
                case 4:
                    operation = _file.ReadString();
                    break;
                case 5:
                    var attribute = ReadAttribute();
                    attributes[attribute.Name] = attribute;
                    break;
                case 7:
                    domain = NormalizeDomain(_file.ReadString());
                    break;
                default:
                    _file.Skip(type);
                    break;
            }
        }

        _file.LeaveMessage(outerEnd);
        return new OnnxNode(name, domain, operation, inputs.DrainToImmutable(), outputs.DrainToImmutable(), attributes.ToImmutable());
    }

    private OnnxAttribute ReadAttribute()
    {
        var attribute = new OnnxAttribute("", Reference: null);
        var (integers, floats) = (ImmutableArray.CreateBuilder<long>(), ImmutableArray.CreateBuilder<float>());
        var outerEnd = _file.EnterMessage();
        while (_file.TryReadTag(out var field, out var type))
        {
            switch (field)
            {
                case 7:
                    OnnxTensorReader.ReadList(_file, type, WireType.Fixed32, static file => file.ReadFloat(), floats);
                    break;
                case 8:
                    OnnxTensorReader.ReadList(_file, type, WireType.Varint, static file => file.ReadInt64(), integers);
                    break;
                default:
                    attribute = ReadField(attribute, field, type);
                    break;
            }
        }

        _file.LeaveMessage(outerEnd);
        return attribute with { Integers = integers.DrainToImmutable(), Floats = floats.DrainToImmutable() };
    }

    private OnnxAttribute ReadField(OnnxAttribute attribute, int field, WireType type)
    {
        switch (field)
        {
            case 1:
                return attribute with { Name = _file.ReadString() };
            case 3:
                return attribute with { Integer = _file.ReadInt64() };
            case 4:
                return attribute with { Text = _file.TryReadShortString() };
            case 5:
                return attribute with { Tensor = _tensors.Read() };
            case 6:
                return attribute with { Graph = ReadGraph() };
            case 21:
                return attribute with { Reference = _file.ReadString() };
            default:
                _file.Skip(type);
                return attribute;
        }
    }
}
