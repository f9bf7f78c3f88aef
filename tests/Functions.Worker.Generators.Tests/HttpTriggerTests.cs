using Inference.Testing;

namespace Functions.Worker.Generators.Tests;

/// <summary>The forms in which Microsoft's <c>[HttpTrigger]</c> can be written.</summary>
public sealed class HttpTriggerTests
{
    [Theory]
    [InlineData("[HttpTrigger]", "Function", "")]
    [InlineData("[HttpTrigger()]", "Function", "")]
    [InlineData("[HttpTrigger(\"get\")]", "Function", "get")]
    [InlineData("[HttpTrigger(\"get\", \"POST\")]", "Function", "get,post")]
    [InlineData("[HttpTrigger(new[] { \"get\", \"post\" })]", "Function", "get,post")]
    [InlineData("[HttpTrigger(methods: \"get\")]", "Function", "get")]
    [InlineData("[HttpTrigger(Anonymous)]", "Anonymous", "")]
    [InlineData("[HttpTrigger(Admin, \"put\")]", "Admin", "put")]
    [InlineData("[HttpTrigger(methods: [\"put\"], authLevel: AuthorizationLevel.System)]", "System", "put")]
    public void Emit_Trigger_HasLevelAndMethods(string trigger, string level, string methods)
    {
        var run =
            new GeneratorRun($"public static class C {{ [Function(\"F\")] public static IResult F({trigger} HttpRequest r) => null!; }}");

        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.CompilerDiagnostics);
        Assert.Contains($"AuthorizationLevel.{level},", run.Source, StringComparison.Ordinal);
        var list = string.Join(",", methods.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(m => $"\\\"{m}\\\""));
        var expected = $"\\\"authLevel\\\":\\\"{level}\\\"" + (list.Length == 0 ? "}" : $",\\\"methods\\\":[{list}]}}");
        AssertText.Contains(expected, run.Source);
    }
}
