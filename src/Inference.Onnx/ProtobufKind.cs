namespace Inference.Onnx;

/// <summary>Recognizes protobuf messages of other formats by their first fields, and creates advice for each format.</summary>
internal static class ProtobufKind
{
    // Tags of the first fields. A tag is the number of the field, shifted left by three bits, plus the wire type of its value.
    private const byte FirstNumber = 0x08, FirstMessage = 0x0a, SecondNumber = 0x10, SecondMessage = 0x12, SecondFloat = 0x15;

    /// <param name="head">The first bytes of the file.</param>
    public static string Describe(ReadOnlySpan<byte> head) => head switch
    {
        [FirstMessage, ..] when FindTagAfterName(head) is { } next => next switch
        {
            SecondFloat => "The file is a vocabulary of SentencePiece, not an ONNX model: push the model's .onnx file in its place.",
            SecondMessage => "The file is a graph of TensorFlow, not an ONNX model: convert it with python -m tf2onnx.convert --graphdef.",
            _ => Other,
        },
        [FirstNumber, 1, SecondMessage, ..] =>
            "The file is a SavedModel of TensorFlow, not an ONNX model: convert its folder with python -m tf2onnx.convert --saved-model.",
        [FirstNumber, < 0x80, SecondMessage, ..] =>
            "The file is a Core ML model, not an ONNX model: export the original model to ONNX.",
        _ => IsTensor(head)
            ? "The file is a tensor in ONNX's format, as test data are, and not a model: push the model's .onnx file in its place."
            : Other,
    };

    private const string Other =
        "The file is a protobuf message of another kind, not an ONNX model: export the model to ONNX, or push its .onnx file.";

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

    /// <summary>Whether the file begins with dimensions, one number each, and then an element type.</summary>
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
