namespace Inference.Tests;

public sealed class EngineReferencesTests
{
    [Fact]
    public void Engine_References_OnlyTheBaseLibraryAndAbstractions()
    {
        var references = typeof(InferenceException).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!);

        Assert.DoesNotContain(references, name =>
            !name.StartsWith("System.", StringComparison.Ordinal)
                && !(name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
                && name.EndsWith(".Abstractions", StringComparison.Ordinal)));
    }
}
