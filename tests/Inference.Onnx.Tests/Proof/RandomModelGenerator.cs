using System.Globalization;
using System.Text;

namespace Inference.Onnx.Tests.Proof;

/// <summary>
/// Creates random models of operators that the proof knows, and of operators that mix items. Not every model is valid. The dimensions are
/// small, so that the number of items often equals the size of another dimension.
/// </summary>
internal sealed class RandomModelGenerator(Random random)
{
    private static readonly string[] Unary = ["Relu", "Tanh", "Sigmoid", "Abs", "Neg", "Exp", "Floor", "Identity", "Softsign"];
    private static readonly string[] Binary = ["Add", "Sub", "Mul", "Max", "Min", "Greater"];
    private static readonly string[] Reductions = ["ReduceSum", "ReduceMax", "ReduceMean"];

    private readonly StringBuilder _text = new();
    private readonly List<(string Name, int Rank)> _values = [];
    private int _count;

    public string Make()
    {
        var inputs = random.Next(1, 3);
        for (var i = 0; i < inputs; i++)
        {
            var rank = random.Next(2, 4);
            Line($"in x{i} f32[{string.Join(',', Enumerable.Range(0, rank).Select(axis => axis == 0 ? "n" : random.Next(5) == 0 ? $"d{axis}" : Size()))}]");
            _values.Add(($"x{i}", rank));
        }

        var nodes = random.Next(2, 9);
        for (var i = 0; i < nodes; i++)
            AddNode();
        var output = _values[^1];
        Line($"out {output.Name} f32[{string.Join(',', Enumerable.Range(0, output.Rank).Select(axis => $"o{axis}"))}]");
        return _text.ToString();
    }

    private void AddNode()
    {
        var (input, rank) = Pick();
        var axis = random.Next(rank == 0 ? 1 : rank);
        switch (random.Next(16))
        {
            case 0 or 1:
                Node(Unary[random.Next(Unary.Length - 1)], input, "", rank);
                break;
            case 2 or 3:
                AddBinary(input, rank);
                break;
            case 4:
                AddMatMul(input, rank);
                break;
            case 5:
                AddTranspose(input, rank);
                break;
            case 6 or 7:
                AddReshape(input, rank);
                break;
            case 8:
                Node(random.Next(2) == 0 ? "Softmax" : "LpNormalization", input, $"axis={axis}", rank);
                break;
            case 9:
                AddReduction(input, rank, axis);
                break;
            case 10:
                Node("Gather", $"{input}, {Constant("i64", [random.Next(1, 3)], "0 1")}", $"axis={axis}", rank);
                break;
            case 11:
                Node("Slice",
                    $"{input}, {Constant("i64", [1], $"{random.Next(2)}")}, {Constant("i64", [1], random.Next(3) == 0 ? "9223372036854775807" : "2")}, {Constant("i64", [1], $"{axis}")}", "", rank);
                break;
            case 12:
                Node("Concat", $"{input}, {(random.Next(2) == 0 ? input : Pick().Name)}", $"axis={axis}", rank);
                break;
            case 13:
                Node("CumSum", $"{input}, {Constant("i64", [], $"{axis}")}", "", rank);
                break;
            case 14:
                AddExpand(input, rank);
                break;
            default:
                AddUnsqueeze(input, rank);
                break;
        }
    }

    private void AddBinary(string input, int rank)
    {
        var (other, otherRank) = random.Next(3) == 0 ? (ConstantOf(random.Next(0, rank + 1)), 0) : Pick();
        var operation = Binary[random.Next(Binary.Length)];
        if (operation != "Greater")
        {
            Node(operation, random.Next(2) == 0 ? $"{input}, {other}" : $"{other}, {input}", "", Math.Max(rank, otherRank));
            return;
        }

        var condition = Name();
        Line($"{condition} = Greater({input}, {other})");
        Node("Cast", condition, "to=1", Math.Max(rank, otherRank));
    }

    private void AddMatMul(string input, int rank)
    {
        if (random.Next(2) == 0)
        {
            Node("MatMul", $"{input}, {Constant("f32", [random.Next(2, 4), random.Next(2, 4)], "")}", "", rank);
            return;
        }

        var (other, otherRank) = Pick();
        Node("MatMul", $"{input}, {other}", "", Math.Max(rank, otherRank));
    }

    private void AddTranspose(string input, int rank)
    {
        var order = Enumerable.Range(0, rank).ToArray();
        random.Shuffle(order);
        Node("Transpose", input, rank == 0 ? "" : $"perm=[{string.Join(',', order)}]", rank);
    }

    private void AddReduction(string input, int rank, int axis)
    {
        var keeps = random.Next(2);
        var name = Reductions[random.Next(Reductions.Length)];
        if (name == "ReduceSum")
            Node(name, $"{input}, {Constant("i64", [1], $"{axis}")}", $"keepdims={keeps}", rank - 1 + keeps);
        else
            Node(name, input, $"axes=[{axis}] keepdims={keeps}", rank - 1 + keeps);
    }

    /// <summary>Adds a reshape to a constant shape, or to a shape that nodes compute from the sizes of the input.</summary>
    private void AddReshape(string input, int rank)
    {
        if (random.Next(2) == 0)
        {
            var target = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Random(["-1", "0", "2", "3", "4", "1"])).ToArray();
            Node("Reshape", $"{input}, {Constant("i64", [target.Length], string.Join(' ', target))}", "", target.Length);
            return;
        }

        var shape = Name();
        Line($"{shape} = Shape({input})");
        var parts = new List<string>();
        for (var i = 0; i < random.Next(1, 4); i++)
        {
            var part = Name();
            Line(random.Next(3) == 0
                ? $"{part} = Identity({Constant("i64", [1], Random(["-1", "1", "2"]))})"
                : $"{part} = Gather({shape}, {Constant("i64", [1], $"{random.Next(Math.Max(1, rank))}")})");
            if (random.Next(4) == 0)
            {
                var times = Name();
                Line($"{times} = {Random(["Mul", "Div"])}({part}, {Constant("i64", [1], "2")})");
                part = times;
            }

            parts.Add(part);
        }

        var joined = Name();
        Line($"{joined} = Concat({string.Join(", ", parts)}) axis=0");
        Node("Reshape", $"{input}, {joined}", "", parts.Count);
    }

    private void AddExpand(string input, int rank)
    {
        var shape = Name();
        var (other, otherRank) = Pick();
        Line($"{shape} = Shape({other})");
        Node("Expand", $"{(random.Next(2) == 0 ? input : ConstantOf(otherRank))}, {shape}", "", Math.Max(rank, otherRank));
    }

    private void AddUnsqueeze(string input, int rank)
    {
        if (rank < 4)
            Node("Unsqueeze", $"{input}, {Constant("i64", [1], $"{random.Next(rank + 1)}")}", "", rank + 1);
    }

    private (string Name, int Rank) Pick() => _values[random.Next(3) == 0 ? random.Next(_values.Count) : _values.Count - 1];

    private string ConstantOf(int rank) =>
        Constant("f32", [.. Enumerable.Range(0, rank).Select(_ => random.Next(2) == 0 ? 1 : random.Next(1, 4))], "");

    private string Constant(string type, int[] shape, string values)
    {
        var name = Name();
        var count = shape.Aggregate(1, (product, size) => product * size);
        var words = values.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Line($"const {name} {type}[{string.Join(',', shape)}] {string.Join(' ', words.Take(count))}");
        return name;
    }

    private void Node(string operation, string inputs, string attributes, int rank)
    {
        var name = Name();
        Line($"{name} = {operation}({inputs}) {attributes}");
        _values.Add((name, Math.Max(0, rank)));
    }

    private string Size() => random.Next(1, 5).ToString(CultureInfo.InvariantCulture);

    private string Random(string[] choices) => choices[random.Next(choices.Length)];

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"v{_count++}");

    private void Line(string line) => _text.Append(line).Append('\n');
}
