using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Inference.Batching;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Tests.Batching;

public sealed class PaddingTests
{
    private static readonly ModelSignature Signature =
        SignatureOf(Spec("x", ElementType.Float32, "n", "length"), Spec("y", ElementType.Float32, "n", "length"));

    [Fact]
    public void RunAsync_RequestsOfDifferentLengths_ShareARunAndGetTheirOwnRows()
    {
        using var sut = Scenario(Padded("x", 7));
        sut.Call(1);
        sut.Start();
        sut.Call([1, 2, 3], width: 3);
        sut.Call([4, 5], width: 1);
        sut.EndRun();
        sut.Start();

        Assert.Equal([1, 3], sut.Session.Runs);
        Assert.Equal(new Shape(3, 3), sut.Session.Running[0].Input.Shape);
        Assert.Equal([1f, 2, 3, 4, 7, 7, 5, 7, 7], sut.Session.Running[0].Input.Values<float>().ToArray());
    }

    [Fact]
    public void RunAsync_NoPadding_OnlyRequestsOfOneLengthShareARun()
    {
        using var sut = Scenario(new BatchingSettings());
        sut.Call(1);
        sut.Start();
        sut.Call([1, 2, 3], width: 3);
        sut.Call([4, 5], width: 1);

        sut.Finish();

        Assert.Equal([1, 1, 2], sut.Session.Runs);
    }

    [Fact]
    public void ThrowIfLengthsDiffer_PaddedDimensionsOfOneName_MustHaveOneSize()
    {
        var signature = new ModelSignature(
            [Spec("x", ElementType.Float32, "n", "length"), Spec("mask", ElementType.Float32, "n", "length"),
                Spec("z", ElementType.Float32, "n", "length")],
            [Spec("y", ElementType.Float32, "n", "length")]);
        var padding = Padding.Create(
            new BatchingSettings { Contract = ContractChoice.Declared, Padding = BatchingSettings.NoPadding.Add("x", 0).Add("mask", 0) },
            signature)!;
        using var two = Tensor.Rent(ElementType.Float32, new Shape(1, 2));
        using var three = Tensor.Rent(ElementType.Float32, new Shape(1, 3));

        padding.ThrowIfLengthsDiffer([two, two, three]);
        Assert.Contains(
            "Input \"mask\" has shape [1,3] and input \"x\" has [1,2]",
            Assert.Throws<InferenceException>(() => padding.ThrowIfLengthsDiffer([two, three, two])).Message,
            StringComparison.Ordinal);
    }

    /// <summary>The scenario's callers check that each caller receives its own numbers in its own shape.</summary>
    [Property(MaxTest = 200)]
    public Property RunAsync_AnyLengthsAndSizes_EveryCallerGetsItsOwn() => Prop.ForAll(
        (from width in Gen.Choose(1, 6) from rows in Gen.Choose(1, 12) select (width, rows)).ListOf().ToArbitrary(),
        calls =>
        {
            using var sut = Scenario(Padded("x", 0));
            var next = 1f;
            foreach (var (width, rows) in calls)
            {
                sut.Call([.. Enumerable.Range(0, width * rows).Select(_ => next++)], width);
                if (rows % 3 == 0)
                    sut.StartAll();
            }

            sut.Finish();

            Assert.All(sut.Callers, caller => Assert.True(caller.IsServed));
            Assert.All(sut.Session.Runs, items => Assert.InRange(items, 1, 8));
        });

    /// <summary>The same for tokens, whose runs have a budget. Every text is served, also a long text among many short ones.</summary>
    [Property(MaxTest = 200)]
    public Property RunAsync_TokensOfAnyLength_EveryCallerGetsItsOwnWithinTheBudget() => Prop.ForAll(
        Gen.Frequency((3, Gen.Choose(1, 30)), (1, Gen.Choose(200, 600))).Zip(Gen.Choose(1, 12)).ListOf().ToArbitrary(),
        calls =>
        {
            using var sut = TokenScenario();
            var next = 1f;
            foreach (var (length, rows) in calls)
            {
                var caller = sut.Call([.. Enumerable.Range(0, length * rows).Select(_ => next++)], length);
                if (rows % 3 == 0)
                    sut.StartAll();
                foreach (var input in sut.Session.Running.Select(run => run.Input.Shape))
                    Assert.True(input[0] == 1 || input[0] * input[1] <= BatchFormation.MaxTokens, $"A run had the shape {input}.");
            }

            sut.Finish();

            Assert.All(sut.Callers, caller => Assert.True(caller.IsServed));
        });

    [Fact]
    public void RunAsync_LongTextAmongShortOnes_IsTheNextRun()
    {
        using var sut = TokenScenario();
        sut.Call([1, 2], width: 2);
        sut.Start();
        sut.Call([3, 4, 5], width: 3);
        var longest = sut.Call(new float[400], width: 400);
        for (var round = 0; round < 4; round++)
        {
            sut.Call([6, 7], width: 2);
            sut.EndRun();
            sut.Start();
        }

        Assert.True(longest.IsServed);
        Assert.Equal([1, 2, 1, 2, 1], sut.Session.Runs);
    }

    /// <summary>
    /// A mask that the model broadcasts is valid, so the request is accepted. It is not padded, and shares runs only with requests of the
    /// same shapes.
    /// </summary>
    [Fact]
    public void HasOneLength_PaddingWithoutSettings_IsNeitherRefusedNorPadded()
    {
        var signature = Tokens("t");
        var session = new ExaminedSession { Signature = signature };
        var sut = Padding.Create(new BatchingSettings(), signature, session)!;
        session.BatchVerdict = BatchVerdict.Proven(BatchLayout.FromFirstAxis(signature)) with { AllowsPadding = true };
        using var one = Tensor.Rent(ElementType.Int64, new Shape(1, 1));
        using var three = Tensor.Rent(ElementType.Int64, new Shape(1, 3));

        sut.ThrowIfLengthsDiffer([three, one]);

        Assert.True(sut.CanPad(0, one.Shape, three.Shape));
        Assert.True(sut.HasOneLength([three, three]));
        Assert.False(sut.HasOneLength([three, one]));
        Assert.False(RequestItems.FitTogether(session.BatchVerdict.Layout!, sut, [three, one], [one, one]));
        Assert.True(RequestItems.FitTogether(session.BatchVerdict.Layout!, sut, [three, three], [one, one]));
    }

    [Fact]
    public void Create_ModelOfTokensWithAMask_IsPaddedWithoutSettings()
    {
        var session = new ExaminedSession();

        Assert.NotNull(Padding.Create(new BatchingSettings(), Tokens("t"), session));
        Assert.Null(Padding.Create(new BatchingSettings { Contract = ContractChoice.Declared }, Tokens("t"), session));
        Assert.Null(Padding.Create(new BatchingSettings(), Tokens("other"), session));
        Assert.Null(Padding.Create(new BatchingSettings(), Signature, session));
    }

    [Fact]
    public void Crop_DimensionsInTheMiddle_KeepsTheCorner()
    {
        var signature = SignatureOf(Spec("x", ElementType.Int64, "n", "length"), Spec("y", ElementType.Int64, "n", "length", "2"));
        var sut = Padding.Create(Padded("x", 0), signature)!;
        using var input = Tensor.Create<long>(ElementType.Int64, new Shape(1, 2), [1, 2]);
        using var rows = Tensor.Create<long>(ElementType.Int64, new Shape(1, 3, 2), [1, 2, 3, 4, 0, 0]);

        using var cropped = sut.Crop(0, rows, [input]);

        Assert.Equal(new Shape(1, 2, 2), cropped.Shape);
        Assert.Equal([1L, 2, 3, 4], cropped.Values<long>().ToArray());
    }

    [Theory]
    [InlineData(ElementType.UInt8, 255, 255)]
    [InlineData(ElementType.Int8, -1, 255)]
    [InlineData(ElementType.Int16, -2, 254)]
    [InlineData(ElementType.UInt16, 513, 1)]
    [InlineData(ElementType.Int32, 16_777_216, 0)]
    [InlineData(ElementType.UInt32, 3, 3)]
    [InlineData(ElementType.UInt64, 4, 4)]
    [InlineData(ElementType.Int64, -5, 251)]
    [InlineData(ElementType.Bool, 1, 1)]
    [InlineData(ElementType.Float64, 0, 0)]
    public void Join_EveryType_FillsWithTheValue(ElementType type, float value, byte firstByte)
    {
        var sut = Padding.Create(Padded("x", value), SignatureOf(Spec("x", type, "n", "length"), Spec("y", type, "n", "length")))!;
        using var shorter = Tensor.Rent(type, new Shape(1, 1));
        using var longer = Tensor.Rent(type, new Shape(1, 2));

        using var joined = sut.Join(0, [shorter, longer]);

        Assert.Equal(firstByte, joined.Data.Span[type.Size()]);
    }

    [Fact]
    public void CanPad_SessionDecides_OnlyAfterItsVerdictAllowsPadding()
    {
        var session = new ExaminedSession();
        var settings = Padded("x", 0) with { Contract = ContractChoice.Proven };
        var sut = Padding.Create(settings, Signature, session)!;
        Assert.False(sut.CanPad(0, new Shape(1, 2), new Shape(1, 3)));

        session.BatchVerdict = BatchVerdict.Proven(BatchLayout.FromFirstAxis(Signature));
        Assert.False(sut.CanPad(0, new Shape(1, 2), new Shape(1, 3)));

        session.BatchVerdict = session.BatchVerdict with { AllowsPadding = true };
        Assert.True(sut.CanPad(0, new Shape(1, 2), new Shape(1, 3)));
        Assert.Null(Padding.Create(settings with { Contract = ContractChoice.None }, Signature, session));
    }

    [Theory]
    [InlineData("z", 0, "no input \"z\"")]
    [InlineData("x", 0.5f, "cannot be padded with 0.5")]
    [InlineData("x", -1, "cannot be padded with -1")]
    [InlineData("fixed", 0, "fixed length")]
    public void FindProblems_PaddingThatTheModelDoesNotAllow_IsReported(string input, float value, string problem)
    {
        var signature = new ModelSignature(
            [Spec("x", ElementType.UInt8, "n", "length"), Spec("fixed", ElementType.UInt8, "n", "3")],
            [Spec("y", ElementType.UInt8, "n", "3")]);

        AssertText.Contains(problem, Assert.Single(PaddingCheck.FindProblems(Padded(input, value), signature)));
    }

    [Theory]
    [InlineData(ElementType.Float32, "other")]
    [InlineData(ElementType.Float32, "")]
    [InlineData(ElementType.Bytes, "length")]
    public void FindProblems_OutputThatCannotBeSplit_IsReported(ElementType type, string symbol) =>
        Assert.Contains("Output",
            Assert.Single(
                PaddingCheck.FindProblems(Padded("x", 0),
                    SignatureOf(Spec("x", ElementType.Float32, "n", "length"), Spec("y", type, "n", symbol)))),
                    StringComparison.OrdinalIgnoreCase);

    private sealed class ExaminedSession : IModelSession
    {
        public ModelSignature Signature { get; init; } = PaddingTests.Signature;

        public ExecutionPlan Plan => ExecutionPlan.Default;

        public BatchVerdict BatchVerdict { get; set; } = BatchVerdict.Pending;

        public bool ComputesInProcess => true;

        public ValueTask<Tensor[]> RunAsync(
            IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private static QueueScenario Scenario(BatchingSettings settings) =>
        new(policy: new BatchPolicy { Padding = Padding.Create(settings, Signature) }, signature: Signature);

    private static QueueScenario TokenScenario()
    {
        var signature =
            SignatureOf(Spec(TokenInput.Ids, ElementType.Float32, "n", "length"), Spec("y", ElementType.Float32, "n", "length"));
        return new(policy: new BatchPolicy { Padding = Padding.Create(Padded(TokenInput.Ids, 0), signature) }, signature: signature);
    }

    /// <param name="symbol">The name of the output's length dimension.</param>
    private static ModelSignature Tokens(string symbol) => new(
        [Spec(TokenInput.Ids, ElementType.Int64, "n", "t"), Spec(TokenInput.Mask, ElementType.Int64, "n", "t")],
        [Spec("y", ElementType.Float32, "n", symbol, "4")]);

    private static BatchingSettings Padded(string input, float value) =>
        new() { Contract = ContractChoice.Declared, Padding = BatchingSettings.NoPadding.Add(input, value) };

    private static ModelSignature SignatureOf(TensorSpec input, TensorSpec output) => new([input], [output]);

    /// <param name="dimensions">A number is a fixed size. Any other text is the name of a dynamic dimension.</param>
    private static TensorSpec Spec(string name, ElementType type, params string[] dimensions) => new(
        name,
        type,
        new Shape([.. dimensions.Select(dimension => long.TryParse(dimension, out var size) ? size : Shape.Dynamic)]),
        [.. dimensions.Select(dimension => long.TryParse(dimension, out _) ? "" : dimension)]);
}
