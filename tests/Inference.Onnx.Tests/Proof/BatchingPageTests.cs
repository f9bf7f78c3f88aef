using Inference.Onnx.Proof;

namespace Inference.Onnx.Tests.Proof;

public sealed class BatchingPageTests
{
    [Fact]
    public void Page_NamesEveryOperatorThatTheProofKnows()
    {
        var page = File.ReadAllText(Path.Combine(FindRoot(), "docs", "batching.md"));

        Assert.All(RuleTable.Operators, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Functions.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
