namespace Inference.Onnx.Proof.Rules;

/// <summary>
/// The rules of recurrent operators. The operators compute each sequence of the batch separately, step by step along another axis. The
/// input indices are those of https://onnx.ai/onnx/operators.
/// </summary>
internal static class RecurrentRules
{
    public static void AddTo(RuleSet rules)
    {
        rules.Add("RNN", static call => Recur(call, stateCount: 1));
        rules.Add("GRU", static call => Recur(call, stateCount: 1));
        rules.Add("LSTM", static call => Recur(call, stateCount: 2));
    }

    /// <param name="stateCount">The number of initial states, which are inputs from index 5 on.</param>
    private static ProofValue[] Recur(NodeCall call, int stateCount)
    {
        var isBatchFirst = call.Integer("layout", 0) != 0;
        var data = call.Data(0);
        if (data.Rank != 3)
            throw new NotProvenException("its input does not have three axes");
        for (var weights = 1; weights <= 3; weights++)
        {
            if (call.Has(weights))
                call.Shared(weights);
        }

        if (stateCount == 2 && call.Has(7))
            call.Shared(7);
        var (batchAxis, sequenceAxis) = isBatchFirst ? (0, 1) : (1, 0);
        if (data.Items is { } items && items.Axis != batchAxis)
            throw new NotProvenException("it iterates over the items, or sums over them");
        ThrowIfItemsMisplaced(call, 4, data.Items, axis: 0);
        for (var state = 0; state < stateCount; state++)
            ThrowIfItemsMisplaced(call, 5 + state, data.Items, isBatchFirst ? 0 : 1);

        var recurrentWeights = call.Shared(2);
        var (directions, hidden) = (recurrentWeights.Dimension(0), recurrentWeights.Dimension(2));
        var (batch, sequence) = (data.Dimension(batchAxis), data.Dimension(sequenceAxis));
        var allStates = isBatchFirst
            ? ProofValue.Create([batch, sequence, directions, hidden], MoveTo(data.Items, 0))
            : ProofValue.Create([sequence, directions, batch, hidden], MoveTo(data.Items, 2));
        var lastState = isBatchFirst
            ? ProofValue.Create([batch, directions, hidden], MoveTo(data.Items, 0))
            : ProofValue.Create([directions, batch, hidden], MoveTo(data.Items, 1));
        return stateCount == 2 ? [allStates, lastState, lastState] : [allStates, lastState];
    }

    private static void ThrowIfItemsMisplaced(NodeCall call, int index, ItemPosition? items, int axis)
    {
        if (call.Has(index) && call.Data(index).Items != MoveTo(items, axis))
            throw new NotProvenException("its initial state or its lengths do not have the items where they are expected");
    }

    private static ItemPosition? MoveTo(ItemPosition? items, int axis) => items is { } position ? position with { Axis = axis } : null;
}
