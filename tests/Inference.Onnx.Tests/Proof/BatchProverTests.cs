using Inference.Models;
using Inference.Models.Contracts;
using Inference.Onnx.Graph;
using Inference.Onnx.Proof;
using Inference.Testing;

namespace Inference.Onnx.Tests.Proof;

/// <summary>
/// Tests each rule with models that satisfy the rule, and with models that almost satisfy it. Proven models also run, and their items must
/// have the same results alone and together.
/// </summary>
public sealed class BatchProverTests(OnnxFixture fixture) : IClassFixture<OnnxFixture>
{
    [Theory]
    [MemberData(nameof(ProofCases.Independent), MemberType = typeof(ProofCases))]
    public async Task Prove_ItemsAreIndependent_IsProvenAndTrue(string text, int opset)
    {
        using var file = new TempFolder();
        var (verdict, session) = await ProveAsync(file, text, opset);
        await using var _ = session;

        Assert.True(verdict.Kind == BatchVerdictKind.Proven, verdict.Reason);
        var random = new Random(1);
        for (var sizes = 2; sizes <= 5; sizes++)
            Assert.Equal((null, true), await BatchComparison.TryCompareAsync(session, verdict.Layout!, items: 3, sizes, random));
    }

    [Theory]
    [MemberData(nameof(ProofCases.Dependent), MemberType = typeof(ProofCases))]
    public async Task Prove_ItemsAreNearlyIndependent_NamesTheNode(string text, string reason, int opset)
    {
        using var file = new TempFolder();
        var (verdict, session) = await ProveAsync(file, text, opset);
        await using var _ = session;

        Assert.Equal(BatchVerdictKind.NotProven, verdict.Kind);
        AssertText.Contains(reason, verdict.Reason);
    }

    private async Task<(BatchVerdict Verdict, IModelSession Session)> ProveAsync(TempFolder folder, string text, int opset)
    {
        var path = Path.Combine(folder.Path, "model.onnx");
        await File.WriteAllBytesAsync(path, OnnxText.Compile(text, opset));
        var session = await fixture.LoadFileAsync(path);
        return (BatchProver.Prove(OnnxModelReader.Read(path, CancellationToken.None), session.Signature, CancellationToken.None), session);
    }
}
