namespace Inference.Onnx.Sweep;

/// <summary>A model whose inputs may have any size, and inputs for the model. The model is created from a model with fixed sizes.</summary>
/// <param name="Bytes">The ModelProto.</param>
/// <param name="IsNamed">
/// Whether dimensions of equal size have the same name. The optimizer may rely on equal names, so all dimensions of one name must be set to
/// 0 together.
/// </param>
public sealed record SweepModel(byte[] Bytes, TestTensor[] Inputs, bool IsNamed)
{
    private const int Node = 1, Graph = 7, Initializer = 5, Input = 11, Output = 12, ValueInfo = 13;

    /// <summary>
    /// Creates variants of a model: without constant inputs, with all inputs except one as constants, and with only one input as a
    /// constant. Constants are tested, because kernels prepare constants when a model is loaded, and some optimizations need constants.
    /// </summary>
    public static IEnumerable<SweepModel> CreateVariants(byte[] bytes, TestTensor[] inputs)
    {
        var model = ProtoMessage.Parse(bytes);
        var graph = model.Message(Graph)!;
        var constants = graph.Messages(Initializer).Select(tensor => tensor.Text(8)).ToHashSet();
        string[] names = [.. graph.Messages(Input).Select(input => input.Text(1)).Where(name => !constants.Contains(name))];
        if (names.Length != inputs.Length)
            yield break;
        foreach (var chosen in Constants(inputs.Length))
            yield return Make(model, graph, names, inputs, chosen, isNamed: false);
        if (graph.Messages(Node).Skip(1).Any())
            yield return Make(model, graph, names, inputs, [], isNamed: true);
    }

    /// <summary>
    /// Returns the inputs with some dimensions set to zero: each dimension alone, all dimensions of one size, all dimensions of one input,
    /// and all dimensions. In a model with named dimensions, only dimensions of one size or all dimensions are set to zero. Scalars have no
    /// dimensions, and stay unchanged.
    /// </summary>
    public IEnumerable<TestTensor[]> WithZeros()
    {
        (int Input, int Axis, long Size)[] places =
            [.. Inputs.SelectMany((input, i) => input.Shape.Select((size, axis) => (i, axis, size)))];
        var choices = places.GroupBy(place => place.Size)
            .Concat(IsNamed ? [] : places.GroupBy(place => place.Input * (long)places.Length * 2 + place.Axis))
            .Concat(IsNamed ? [] : places.GroupBy(place => (long)place.Input))
            .Select(group => group.Select(place => (place.Input, place.Axis)).ToHashSet())
            .Append([.. places.Select(place => (place.Input, place.Axis))])
            .DistinctBy(choice => string.Join(' ', choice.Order()));
        return choices.Select(choice => Inputs.Select((input, i) =>
            input.TakeShape([.. input.Shape.Select((size, axis) => choice.Contains((i, axis)) ? 0 : size)])).ToArray());
    }

    private static IEnumerable<HashSet<int>> Constants(int count)
    {
        var all = Enumerable.Range(0, count).ToArray();
        return all.Select(one => all.Where(other => other != one).ToHashSet())
            .Concat(all.Where(_ => count > 2).Select(one => new HashSet<int> { one }))
            .Prepend([])
            .DistinctBy(chosen => string.Join(' ', chosen.Order()));
    }

    private static SweepModel Make(
        ProtoMessage model, ProtoMessage graph, string[] names, TestTensor[] inputs, HashSet<int> constants, bool isNamed)
    {
        var loose = graph.Without(Input, Output, ValueInfo);
        for (var i = 0; i < names.Length; i++)
        {
            loose = constants.Contains(i)
                ? loose.With(Initializer, inputs[i].ToProto(names[i]))
                : loose.With(Input, AnySize(names[i], inputs[i], isNamed));
        }

        // The declared shapes of the outputs would contradict the new shapes of the inputs.
        loose = graph.Messages(Output).Aggregate(loose, (made, output) => made.With(Output, WithoutShape(output)));
        return new SweepModel(
            model.Without(Graph).With(Graph, loose).ToBytes(), [.. inputs.Where((_, i) => !constants.Contains(i))], isNamed);
    }

    private static ProtoMessage AnySize(string name, TestTensor tensor, bool isNamed)
    {
        var shape = tensor.Shape.Aggregate(
            new ProtoMessage([]), (made, size) => made.With(1, isNamed ? new ProtoMessage([]).With(2, $"n{size}") : new ProtoMessage([])));
        var type = new ProtoMessage([]).With(1, (ulong)tensor.Type).With(2, shape);
        return new ProtoMessage([]).With(1, name).With(2, new ProtoMessage([]).With(1, type));
    }

    private static ProtoMessage WithoutShape(ProtoMessage value)
    {
        if (value.Message(2)?.Message(1) is not { } tensor)
            return value;
        return value.Without(2).With(2, new ProtoMessage([]).With(1, tensor.Without(2)));
    }
}
