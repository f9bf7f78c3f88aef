using System.Collections.Immutable;

namespace Inference.Onnx.Graph;

/// <content>Reads inputs and outputs, with their types and shapes.</content>
internal sealed partial class OnnxModelReader
{
    private OnnxValueInfo ReadValueInfo()
    {
        var info = new OnnxValueInfo("", Type: null, Dimensions: null);
        var outer = _file.EnterMessage();
        while (_file.TryReadTag(out var field, out var type))
        {
            if (field == 1)
                info = info with { Name = _file.ReadString() };
            else if (field == 2)
                info = ReadType(info);
            else
                _file.Skip(type);
        }

        _file.LeaveMessage(outer);
        return info;
    }

    private OnnxValueInfo ReadType(OnnxValueInfo info)
    {
        var outer = _file.EnterMessage();
        while (_file.TryReadTag(out var field, out var type))
        {
            if (field == 1)
                info = ReadTensorType(info);
            else
                _file.Skip(type);
        }

        _file.LeaveMessage(outer);
        return info;
    }

    private OnnxValueInfo ReadTensorType(OnnxValueInfo info)
    {
        var outer = _file.EnterMessage();
        while (_file.TryReadTag(out var field, out var type))
        {
            if (field == 1)
                info = info with { Type = _file.ReadInt32() };
            else if (field == 2)
                info = info with { Dimensions = ReadShape() };
            else
                _file.Skip(type);
        }

        _file.LeaveMessage(outer);
        return info;
    }

    private ImmutableArray<OnnxDimension> ReadShape()
    {
        var dimensions = ImmutableArray.CreateBuilder<OnnxDimension>();
        var outer = _file.EnterMessage();
        while (_file.TryReadTag(out var field, out var type))
        {
            if (field == 1)
                dimensions.Add(ReadDimension());
            else
                _file.Skip(type);
        }

        _file.LeaveMessage(outer);
        return dimensions.DrainToImmutable();
    }

    private OnnxDimension ReadDimension()
    {
        var dimension = default(OnnxDimension);
        var outer = _file.EnterMessage();
        while (_file.TryReadTag(out var field, out var type))
        {
            if (field == 1)
                dimension = new OnnxDimension(_file.ReadInt64(), Symbol: null);
            else if (field == 2)
                dimension = new OnnxDimension(Size: null, _file.ReadString());
            else
                _file.Skip(type);
        }

        _file.LeaveMessage(outer);
        return dimension;
    }
}
