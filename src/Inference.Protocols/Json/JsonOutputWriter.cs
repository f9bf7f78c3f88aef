using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Json;

/// <summary>
/// Writes one output of a prediction in its natural form. A tensor is written as nested arrays, a map as an object, and a list of tensors
/// as an array. The caller writes the items in order, each once.
/// </summary>
internal sealed class JsonOutputWriter
{
    private readonly NamedTensor _tensor;

    /// <summary>The tensor with the keys of the maps, or with the shapes of the list. Null for an output that is a tensor.</summary>
    private readonly NamedTensor? _keysOrShapes;
    private readonly OutputPartKind? _kind;

    /// <summary>The position of the next key in the bytes of the keys.</summary>
    private int _nextKey;

    /// <summary>
    /// The position of the next value in the bytes of the values; used only for texts, because numbers have a fixed size.
    /// </summary>
    private int _nextValue;

    private JsonOutputWriter(string name, NamedTensor tensor, NamedTensor? layout, OutputPartKind? kind) =>
        (Name, _tensor, _keysOrShapes, _kind) = (name, tensor, layout, kind);

    /// <summary>The name of the output in the model.</summary>
    public string Name { get; }

    /// <summary>The shape of the tensor; for maps, the shape of their values.</summary>
    public Shape Shape => _tensor.Tensor.Shape;

    /// <summary>Whether the output has one tensor for each item, because the items differ in size.</summary>
    public bool HasRows => _tensor.Rows is not null;

    /// <summary>
    /// The number of items: the number of tensors if each item has its own, otherwise the size of the first dimension. Null for a scalar.
    /// </summary>
    public long? ItemCount => _tensor.Rows is { } rows ? rows.Count : Shape.Rank == 0 ? null : Shape[0];

    /// <summary>Whether <see cref="WriteWhole"/> writes an array.</summary>
    public bool IsArray => _kind is OutputPartKind.Elements || (_kind is not OutputPartKind.Values && Shape.Rank > 0);

    /// <summary>
    /// Returns one writer per output. In a prediction, a map is two tensors (keys and values), and so is a list of tensors (shapes and
    /// elements). Both tensors are combined into one output. A tensor without its counterpart in the prediction is written on its own.
    /// </summary>
    public static List<JsonOutputWriter> CreateAll(Prediction prediction)
    {
        var signature = prediction.Model.Signature;
        var outputs = new List<JsonOutputWriter>(prediction.Outputs.Count);
        for (var i = 0; i < prediction.Outputs.Count; i++)
        {
            var tensor = prediction.Outputs[i];
            var part = signature.FindPart(tensor.Name);
            var next = part?.Kind is OutputPartKind.RowKeys or OutputPartKind.Keys or OutputPartKind.Shapes
                && i + 1 < prediction.Outputs.Count
                ? signature.FindPart(prediction.Outputs[i + 1].Name)
                : null;
            // Values follow their keys, and elements follow their shapes.
            outputs.Add(next?.Output == part?.Output && next is not null
                ? new JsonOutputWriter(next.Output, prediction.Outputs[++i], tensor, next.Kind)
                : new JsonOutputWriter(tensor.Name, tensor, layout: null, kind: null));
        }

        return outputs;
    }

    public void WriteWhole(Utf8JsonWriter writer, JsonDialect dialect)
    {
        switch (_kind)
        {
            case OutputPartKind.RowValues:
                writer.WriteStartArray();
                for (var item = 0L; item < Shape[0]; item++)
                    WriteMap(writer, dialect, item * Shape[1], Shape[1]);
                writer.WriteEndArray();
                break;
            case OutputPartKind.Values:
                WriteMap(writer, dialect, 0, Shape[0]);
                break;
            case OutputPartKind.Elements:
                WriteList(writer, dialect);
                break;
            default:
                JsonTensorWriter.WriteNested(writer, _tensor, dialect);
                break;
        }
    }

    /// <summary>Writes the value of one item. The caller must write the items in order.</summary>
    public void WriteItem(Utf8JsonWriter writer, JsonDialect dialect, int item)
    {
        if (HasRows)
        {
            new JsonOutputWriter(Name, CreateRow(_tensor, item), _keysOrShapes is { } part ? CreateRow(part, item) : null, _kind)
                .WriteItem(writer, dialect, item: 0);
        }
        else if (_kind == OutputPartKind.RowValues)
        {
            WriteMap(writer, dialect, item * Shape[1], Shape[1]);
        }
        else
        {
            JsonTensorWriter.WriteItem(writer, _tensor with { Tensor = _tensor.Tensor.Rows(item, 1) }, dialect);
        }
    }

    private static NamedTensor CreateRow(NamedTensor tensor, int item) => new(tensor.Name, tensor.GetRow(item));

    private void WriteMap(Utf8JsonWriter writer, JsonDialect dialect, long start, long count)
    {
        var values = _tensor with { Name = Name };
        var isText = values.Tensor.Type == ElementType.Bytes;
        writer.WriteStartObject();
        for (var i = start; i < start + count; i++)
        {
            var key = ReadNext(_keysOrShapes!.Value.Tensor, ref _nextKey);
            if (!Utf8.IsValid(key))
            {
                throw new InferenceException(
                    InferenceError.RuntimeFailure,
                    $"Output \"{Name}\" has a key that is not UTF-8 text. JSON cannot represent this key. Request the output as binary "
                    + "data with POST /v2/models/<model>/infer.");
            }

            writer.WritePropertyName(key);
            var element = new PackedBytes(isText ? values.Tensor.Data.Span[_nextValue..] : default);
            JsonTensorWriter.WriteElement(writer, values, dialect, i, ref element);
            if (isText)
                ReadNext(values.Tensor, ref _nextValue);
        }

        writer.WriteEndObject();
    }

    private static ReadOnlySpan<byte> ReadNext(Tensor texts, ref int position)
    {
        var rest = texts.Data.Span[position..];
        var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(rest);
        position += PackedBytes.PrefixSize + length;
        return rest.Slice(PackedBytes.PrefixSize, length);
    }

    private void WriteList(Utf8JsonWriter writer, JsonDialect dialect)
    {
        var shapes = _keysOrShapes!.Value.Tensor;
        var (rank, start) = ((int)shapes.Shape[1], 0L);
        var elements = new PackedBytes(_tensor.Tensor.Data.Span);
        writer.WriteStartArray();
        for (var i = 0; i < shapes.Shape[0]; i++)
        {
            var dimensions = shapes.Values<long>().Slice(i * rank, rank);
            var shape = new Shape(dimensions[..(dimensions.IndexOf(Shape.Dynamic) is >= 0 and var end ? end : rank)]);
            JsonTensorWriter.WriteNested(writer, _tensor with { Name = Name }, shape, dialect, start, ref elements);
            start += shape.ElementCount;
        }

        writer.WriteEndArray();
    }
}
