using System.Globalization;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Onnx.Graph;
using Inference.Onnx.Proof;
using Inference.Testing;
using Xunit.Abstractions;

namespace Inference.Onnx.Tests.Proof;

/// <summary>
/// Checks the proof with random models. In a proven model, an item must have the same result alone and together with any other items. The
/// environment variable PROOF_GRAPHS sets the number of models. The long form has 10000 models.
/// </summary>
public sealed class RandomModelGeneratorTests(OnnxFixture fixture, ITestOutputHelper output) : IClassFixture<OnnxFixture>
{
    private static readonly int Graphs = int.TryParse(
        Environment.GetEnvironmentVariable("PROOF_GRAPHS"), NumberStyles.None, CultureInfo.InvariantCulture, out var set) ? set : 400;

    [Fact]
    public async Task Prove_RandomModels_ProofsAreTrue()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "model.onnx");
        var (valid, proven, compared) = (0, 0, 0);
        for (var seed = 0; valid < Graphs; seed++)
        {
            var text = new RandomModelGenerator(new Random(seed)).Make();
            await File.WriteAllBytesAsync(path, OnnxText.Compile(text));
            if (await TryLoadAsync(path) is not { } session)
                continue;
            await using var _ = session;
            valid++;
            var verdict = BatchProver.Prove(OnnxModelReader.Read(path, CancellationToken.None), session.Signature, CancellationToken.None);
            if (verdict.Kind != BatchVerdictKind.Proven)
                continue;
            proven++;
            compared += await CompareAsync(session, verdict.Layout!, seed, text);
        }

        output.WriteLine($"{valid} models, {proven} proven, {compared} compared in runs.");
        Assert.True(proven > valid / 10, $"Only {proven} of {valid} models are proven.");
        Assert.True(compared > proven / 4, $"Only {compared} of {proven} models run.");
    }

    /// <returns>1 when the model accepts any of the inputs; otherwise 0.</returns>
    private static async Task<int> CompareAsync(IModelSession session, BatchLayout layout, int seed, string text)
    {
        var runs = 0;
        foreach (var (items, sizes) in ((int, int)[])[(2, 2), (3, 3), (4, 1), (2, 4), (3, 2)])
        {
            var (difference, ran) = await BatchComparison.TryCompareAsync(session, layout, items, sizes, new Random(seed));
            Assert.True(difference is null, $"Seed {seed}: {difference}\n{text}");
            runs += ran ? 1 : 0;
        }

        return runs > 0 ? 1 : 0;
    }

    private async Task<IModelSession?> TryLoadAsync(string path)
    {
        try
        {
            return await fixture.LoadFileAsync(path);
        }
        catch (InferenceException e) when (e.Error == InferenceError.ModelUnavailable)
        {
            return null;
        }
    }
}
