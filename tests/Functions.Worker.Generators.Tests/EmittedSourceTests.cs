namespace Functions.Worker.Generators.Tests;

/// <summary>
/// Compares the emitted source with the files in Golden. After an intended change, set UPDATE_GOLDEN to the folder of those files, run the
/// tests, and review the difference.
/// </summary>
public sealed class EmittedSourceTests
{
    [Theory]
    [InlineData("Everything")]
    [InlineData("Messages")]
    [InlineData("Outputs")]
    [InlineData("Static")]
    public void Emit_Functions_IsTheGoldenText(string name)
    {
        var run = new GeneratorRun(Read($"{name}.input.txt"));

        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") is { } folder)
            File.WriteAllText(Path.Combine(folder, $"{name}.output.txt"), run.Source);
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.CompilerDiagnostics);
        Assert.Equal(Read($"{name}.output.txt"), run.Source);
    }

    [Fact]
    public void Emit_NoFunctions_EmitsNothing()
    {
        var run = new GeneratorRun("public class Plain;");

        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Source);
    }

    [Fact]
    public void Emit_FunctionsInAnotherOrder_IsTheSame()
    {
        const string first =
            """public static class A { [Function("A")] public static IResult Run([HttpTrigger(Admin, "get")] HttpRequest r) => null!; }""";
        const string second =
            """public static class B { [Function("B")] public static IResult Run([HttpTrigger(Admin, "get")] HttpRequest r) => null!; }""";

        Assert.Equal(new GeneratorRun(first + second).Source, new GeneratorRun(second + first).Source);
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", file));
}
