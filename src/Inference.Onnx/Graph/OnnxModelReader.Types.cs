namespace Inference.Onnx.Graph;

/// <content>Reads inputs and outputs, with their types and shapes.</content>
internal sealed partial class OnnxModelReader
{
    private OnnxValueInfo ReadValueInfo() => _file.ReadMessage(new OnnxValueInfo("", Dimensions: null), (info, field) => field switch
    {
        1 => info with { Name = _file.ReadString() },
        2 => _file.ReadMessage(info, (info, field) => field == 1 ? ReadTensorType(info) : null),
        _ => null,
    });

    private OnnxValueInfo ReadTensorType(OnnxValueInfo info) =>
        _file.ReadMessage(info, (info, field) => field == 2 ? info with { Dimensions = [.. ReadShape()] } : null);

    private List<OnnxDimension> ReadShape() => _file.ReadMessage(new List<OnnxDimension>(), (dimensions, field) =>
    {
        if (field != 1)
            return null;
        dimensions.Add(ReadDimension());
        return dimensions;
    });

    private OnnxDimension ReadDimension() => _file.ReadMessage(new OnnxDimension(Size: null, Symbol: null), (_, field) => field switch
    {
        1 => new OnnxDimension(_file.ReadInt64(), Symbol: null),
        2 => new OnnxDimension(Size: null, _file.ReadString()),
        _ => null,
    });
}
