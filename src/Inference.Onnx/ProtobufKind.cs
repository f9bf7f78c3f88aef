using System.Text.Unicode;

namespace Inference.Onnx;

/// <summary>Recognizes protobuf messages of other formats by their first fields, and creates advice for each format.</summary>
internal static class ProtobufKind
{
    // Tags of the first fields. A tag is the number of the field, shifted left by three bits, plus the wire type of its value.
    private const byte FirstNumber = 0x08, FirstMessage = 0x0a, SecondNumber = 0x10, SecondMessage = 0x12, SecondFloat = 0x15;

    /// <summary>The wire type of a field that begins with a length: a text or a message.</summary>
    private const int LengthType = 2;

    /// <summary>
    /// The number of the last field of a node that is a text. All fields from 1 to this number are texts, both in ONNX and in TensorFlow.
    /// </summary>
    private const int LastTextField = 4;

    /// <param name="head">The first bytes of the file.</param>
    public static string Describe(ReadOnlySpan<byte> head) => DescribeGraph(head) ?? head switch
    {
        [FirstMessage, ..] when FindTagAfterName(head) == SecondFloat =>
            "The file is a SentencePiece vocabulary, not an ONNX model: push the model's .onnx file in its place.",
        [FirstNumber, 1, SecondMessage, ..] =>
            "The file is a TensorFlow SavedModel, not an ONNX model: convert its folder with python -m tf2onnx.convert --saved-model.",
        [FirstNumber, < 0x80, SecondMessage, ..] =>
            "The file is a Core ML model, not an ONNX model: export the original model to ONNX.",
        _ => IsTensor(head)
            ? "The file is a tensor in ONNX's format, such as test data, and not a model: push the model's .onnx file in its place."
            : OtherMessage,
    };

    /// <summary>
    /// Describes a graph by its first node; returns null for anything else. The fields 1 to 4 of a node are texts. In ONNX, they are
    /// inputs, outputs, the name and the operator. In TensorFlow, they are the name, the operator, inputs, and perhaps a device.
    /// </summary>
    /// <param name="head">The first bytes of the file.</param>
    public static string? DescribeGraph(ReadOnlySpan<byte> head)
    {
        if (head is not [FirstMessage, ..] || !TryReadLength(head[1..], out var size, out var node))
            return null;
        node = node[..(int)Math.Min(size, (uint)node.Length)];
        Span<int> counts = stackalloc int[LastTextField + 1];
        while (node is [var tag, ..] && (tag & 7) == LengthType && tag >> 3 is >= 1 and <= LastTextField and var field)
        {
            if (!TryReadLength(node[1..], out var length, out var content) || length > (uint)content.Length
                || !Utf8.IsValid(content[..(int)length]) || content[..(int)length].ContainsAnyInRange((byte)0, (byte)31))
            {
                break;
            }

            counts[field]++;
            if (field == LastTextField && IsOperator(content[..(int)length]))
                return "The file is an ONNX graph without its model: save the whole model (onnx.helper.make_model(graph)).";
            node = content[(int)length..];
        }

        return counts is [_, 1, 1, ..]
            ? "The file is a TensorFlow graph, not an ONNX model: convert it with python -m tf2onnx.convert --graphdef."
            : null;
    }

    /// <summary>
    /// Whether a text is the name of an operator. The name of a device contains slashes or colons, as in <c>/device:CPU:0</c>.
    /// </summary>
    private static bool IsOperator(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAny((byte)'/', (byte)':');

    /// <summary>Reads the length of a field.</summary>
    /// <param name="rest">The bytes after the length.</param>
    private static bool TryReadLength(ReadOnlySpan<byte> bytes, out uint length, out ReadOnlySpan<byte> rest)
    {
        length = 0;
        rest = bytes;
        for (var shift = 0; shift < 32 && !rest.IsEmpty; shift += 7)
        {
            var next = rest[0];
            length |= (uint)(next & 0x7f) << shift;
            rest = rest[1..];
            if (next < 0x80)
                return true;
        }

        return false;
    }

    private const string OtherMessage =
        "The file is a protobuf message of an unknown kind, not an ONNX model: export the model to ONNX, or push its .onnx file.";

    /// <summary>
    /// Returns the tag that follows the name in the first message; null when the message does not begin with a short name.
    /// </summary>
    private static byte? FindTagAfterName(ReadOnlySpan<byte> head)
    {
        // The length of the message has one or two bytes.
        var start = head.Length > 2 && head[1] >= 0x80 ? 3 : 2;
        return head.Length > start + 1 && head[start] == FirstMessage && head[start + 1] < 0x80 && start + 2 + head[start + 1] < head.Length
            ? head[start + 2 + head[start + 1]]
            : null;
    }

    /// <summary>Whether the file begins with the dimensions of a tensor (field 1), followed by the element type (field 2).</summary>
    private static bool IsTensor(ReadOnlySpan<byte> head)
    {
        while (head is [FirstNumber, _, ..])
        {
            head = head[1..];
            var last = head.IndexOfAnyInRange((byte)0, (byte)0x7f);
            head = head[(last + 1)..];
        }

        return head is [SecondNumber, > 0 and < 32, ..];
    }
}
