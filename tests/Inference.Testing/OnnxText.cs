using System.Globalization;
using System.Runtime.InteropServices;
using static Inference.Testing.OnnxProto;

namespace Inference.Testing;

/// <summary>
/// Compiles small ONNX models from lines of text. Semicolons or line ends separate the lines:
/// <code>
/// in x f32[n,4]            an input; names are dynamic dimensions, and [?] stands for no declared shape
/// const c i64[2] 0 -1      a constant; without values, its elements are pseudorandom
/// y, z = Split(x, c) axis=1 mode='a' list=[1,2] scale=0.5
/// in o opt:f32[n]          an optional tensor
/// out y f32[n,2]           an output; without a type, the runtime infers the type, such as a map
/// </code>
/// <c>_</c> stands for an omitted input, and <c>domain::Name</c> for an operator of another domain.
/// </summary>
public static class OnnxText
{
    private static readonly Dictionary<string, int> Types = new(StringComparer.Ordinal)
    {
        ["f32"] = OnnxType.Float,
        ["i64"] = OnnxType.Int64,
        ["i32"] = 6,
        ["u8"] = 2,
        ["i8"] = 3,
        ["bool"] = 9,
        ["str"] = 8,
    };

    /// <summary>Returns the content of the model file.</summary>
    public static byte[] Compile(string text, int opset = 17)
    {
        var (nodes, inputs, outputs, constants) =
            (new List<OnnxProto>(), new List<OnnxProto>(), new List<OnnxProto>(), new List<OnnxProto>());
        foreach (var line in text.Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words[0])
            {
                case "in":
                    inputs.Add(ParseTensor(words[1], words[2]));
                    break;
                case "out":
                    outputs.Add(words.Length == 2 ? new OnnxProto().Text(1, words[1]) : ParseTensor(words[1], words[2]));
                    break;
                case "const":
                    constants.Add(CreateConstant(words[1], words[2], words[3..]));
                    break;
                default:
                    nodes.Add(ParseNode(line));
                    break;
            }
        }

        string[] domains = ["", "ai.onnx.ml", "com.microsoft"];
        var model = new OnnxProto().Number(1, 8).Message(7, Graph([.. nodes], [.. inputs], [.. outputs], [.. constants]));
        foreach (var domain in domains)
            model.Message(8, new OnnxProto().Text(1, domain).Number(2, domain.Length == 0 ? opset : domain == "ai.onnx.ml" ? 3 : 1));
        return model.ToArray();
    }

    private static OnnxProto ParseTensor(string name, string type)
    {
        const string Optional = "opt:";
        var isOptional = type.StartsWith(Optional, StringComparison.Ordinal);
        var (element, dimensions) = ParseType(isOptional ? type[Optional.Length..] : type);
        var tensor = new OnnxProto().Number(1, element);
        if (dimensions is not ["?"])
        {
            tensor.Message(2, new OnnxProto().Messages(1, dimensions.Select(dimension =>
                long.TryParse(dimension, CultureInfo.InvariantCulture, out var size)
                    ? new OnnxProto().Number(1, size)
                    : new OnnxProto().Text(2, dimension))));
        }

        var declared = new OnnxProto().Message(1, tensor);
        return new OnnxProto()
            .Text(1, name).Message(2, isOptional ? new OnnxProto().Message(9, new OnnxProto().Message(1, declared)) : declared);
    }

    private static OnnxProto CreateConstant(string name, string type, string[] values)
    {
        var (element, dimensions) = ParseType(type);
        long[] shape = [.. dimensions.Select(dimension => long.Parse(dimension, CultureInfo.InvariantCulture))];
        var count = (int)shape.Aggregate(1L, (product, size) => product * size);
        var random = new Random(name.Sum(letter => letter));
        double[] numbers = values.Length > 0
            ? [.. values.Select(value => double.Parse(value, CultureInfo.InvariantCulture))]
            : [.. Enumerable.Range(0, count).Select(_ => element == OnnxType.Float ? (2 * random.NextDouble()) - 1 : random.Next(2))];
        return Tensor(name, element, Encode(element, numbers), shape);
    }

    private static byte[] Encode(int element, double[] numbers) => element switch
    {
        OnnxType.Float => MemoryMarshal.AsBytes<float>(Array.ConvertAll(numbers, number => (float)number)).ToArray(),
        OnnxType.Int64 => MemoryMarshal.AsBytes<long>(Array.ConvertAll(numbers, number => (long)number)).ToArray(),
        6 => MemoryMarshal.AsBytes<int>(Array.ConvertAll(numbers, number => (int)number)).ToArray(),
        _ => Array.ConvertAll(numbers, number => (byte)(sbyte)number),
    };

    private static OnnxProto ParseNode(string line)
    {
        var (left, right) = SplitOnce(line, " = ");
        var open = right.IndexOf('(', StringComparison.Ordinal);
        var close = right.IndexOf(')', StringComparison.Ordinal);
        var name = right[..open];
        var (domain, operation) = name.Contains("::", StringComparison.Ordinal) ? SplitOnce(name, "::") : ("", name);
        var inputs = SplitNames(right[(open + 1)..close]);
        var attributes = right[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ParseAttribute);
        return Node(operation, [.. inputs.Select(input => input == "_" ? "" : input)], SplitNames(left), [.. attributes]).Text(7, domain);
    }

    private static OnnxProto ParseAttribute(string text)
    {
        var (name, value) = SplitOnce(text, "=");
        var attribute = new OnnxProto().Text(1, name);
        if (value.StartsWith('\''))
            return attribute.Text(4, value.Trim('\'')).Number(20, 3);
        if (value.StartsWith('['))
        {
            var items = SplitNames(value.Trim('[', ']'));
            if (items.Any(item => item.Contains('.', StringComparison.Ordinal)))
                return attribute.Floats(7, items.Select(item => float.Parse(item, CultureInfo.InvariantCulture))).Number(20, 6);
            foreach (var item in items)
                attribute.Number(8, long.Parse(item, CultureInfo.InvariantCulture));
            return attribute.Number(20, 7);
        }

        return value.Contains('.', StringComparison.Ordinal)
            ? attribute.Float(2, float.Parse(value, CultureInfo.InvariantCulture)).Number(20, 1)
            : attribute.Number(3, long.Parse(value, CultureInfo.InvariantCulture)).Number(20, 2);
    }

    private static (int Element, string[] Dimensions) ParseType(string type)
    {
        var (element, dimensions) = SplitOnce(type.TrimEnd(']'), "[");
        return (Types[element], SplitNames(dimensions));
    }

    private static string[] SplitNames(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static (string Left, string Right) SplitOnce(string text, string separator)
    {
        var position = text.IndexOf(separator, StringComparison.Ordinal);
        return position < 0
            ? throw new FormatException($"\"{text}\" has no \"{separator}\".")
            : (text[..position].Trim(), text[(position + separator.Length)..].Trim());
    }
}
