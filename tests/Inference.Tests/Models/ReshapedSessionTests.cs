using Inference.Models;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Tests.Models;

public sealed class ReshapedSessionTests
{
    private static readonly TensorReshape Image = new([3, 4], [1, 3, 2, 2], hasBatch: false);

    [Theory]
    [InlineData("3,4", "1,3,2,2", true)]
    [InlineData("1", "", true)]
    [InlineData("-1,4", "-1,2,2", true)]
    [InlineData("-1,2,-1", "-1,2,-1", true)]
    [InlineData("-1,4", "4,-1", false)]
    [InlineData("-1,4", "4", false)]
    [InlineData("6", "2,2", false)]
    public void IsPossible_OnlyWithAsManyElementsBetweenDynamicDimensions(string ofCaller, string ofModel, bool possible) =>
        Assert.Equal(possible, TensorReshape.IsPossible(Dimensions(ofCaller), Dimensions(ofModel)));

    [Fact]
    public void Map_DynamicDimensionsAndBatch_KeepTheirSizes()
    {
        var reshape = new TensorReshape([-1, 4, -1], [-1, 2, 2, -1, 1], hasBatch: true);

        Assert.Equal(new Shape(9, 5, 2, 2, 7, 1), reshape.ToModel(new Shape(9, 5, 4, 7)));
        Assert.Equal(new Shape(9, 5, 4, 7), reshape.ToCaller(new Shape(9, 5, 2, 2, 7, 1)));
        Assert.Null(reshape.ToModel(new Shape(9, 5, 3, 7)));
        Assert.Null(reshape.ToModel(new Shape(9, 5, 4)));
    }

    [Fact]
    public async Task RunAsync_ModelOfOtherShapes_SeesItsOwn()
    {
        var inner = new Echo(new Shape(1, 3, 2, 2));
        await using var session = new ReshapedSession(inner, [Image], [Image]);
        using var input = Tensor.Create<float>(ElementType.Float32, new Shape(3, 4), [.. Enumerable.Range(0, 12).Select(i => (float)i)]);

        var outputs = await session.RunAsync([input], [0], Deadline.None, CancellationToken.None);

        Assert.Equal(new Shape(3, 4), session.Signature.Inputs[0].Shape);
        Assert.Equal(ItemAxis.None, session.Signature.ItemAxis);
        Assert.Equal(new Shape(1, 3, 2, 2), inner.Seen);
        Assert.Equal(new Shape(3, 4), outputs[0].Shape);
        Assert.Equal(input.Data.ToArray(), outputs[0].Data.ToArray());
        outputs[0].Dispose();
    }

    [Fact]
    public async Task BatchVerdict_ItemsOnAReshapedAxis_IsNotProven()
    {
        await using var moved = new ReshapedSession(new Echo(new Shape(-1, 4)), [new([-1, 2, 2], [-1, 4], hasBatch: false)], [null]);
        await using var kept = new ReshapedSession(new Echo(new Shape(-1, 4)), [new([2, 2], [4], hasBatch: true)], [null]);

        Assert.Equal(BatchVerdictKind.NotProven, moved.BatchVerdict.Kind);
        Assert.Equal(BatchVerdictKind.Proven, kept.BatchVerdict.Kind);
    }

    private static long[] Dimensions(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];

    /// <summary>A session that returns a copy of its input.</summary>
    private sealed class Echo(Shape shape) : IModelSession
    {
        public Shape Seen { get; private set; }

        public ModelSignature Signature { get; } = new([Spec("x", shape)], [Spec("y", shape)]);

        public ExecutionPlan Plan => ExecutionPlan.Default;

        public BatchVerdict BatchVerdict => BatchVerdict.Proven(new BatchLayout([0], [0]));

        public bool ComputesInProcess => true;

        public ValueTask<Tensor[]> RunAsync(
            IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken)
        {
            Seen = inputs[0].Shape;
            return ValueTask.FromResult<Tensor[]>([inputs[0].Copy()]);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static TensorSpec Spec(string name, Shape shape) =>
            new(name, ElementType.Float32, shape, [.. shape.Dimensions.ToArray().Select(_ => "")]);
    }
}
