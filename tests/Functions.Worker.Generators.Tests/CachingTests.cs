using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Tests;

public sealed class CachingTests
{
    private const string Function =
        """public static class A { [Function("A")] public static IResult Run([HttpTrigger(Admin, "get")] HttpRequest r) => null!; }""";

    [Theory]
    [InlineData("\n\n" + Function)]
    [InlineData(Function + "public class Other;")]
    public void Run_EditThatChangesNoFunction_EmitsNothingAgain(string edited)
    {
        var run = new GeneratorRun(Function);

        Assert.Equal(IncrementalStepRunReason.Cached, run.Change(edited));
    }

    [Fact]
    public void Run_EditOfAFunction_EmitsAgain()
    {
        var run = new GeneratorRun(Function);

        var reason = run.Change(Function.Replace("Admin", "Anonymous", StringComparison.Ordinal));

        Assert.Equal(IncrementalStepRunReason.Modified, reason);
    }

    [Theory]
    [InlineData("", IncrementalStepRunReason.Cached)]
    [InlineData("[JsonSerializable(typeof(Order))] partial class Other : JsonSerializerContext;", IncrementalStepRunReason.Modified)]
    public void Run_EditBesideAQueueFunction_EmitsAgainForJsonOnly(string added, IncrementalStepRunReason expected)
    {
        const string function = """
            public sealed record Order(string Id);
            [JsonSerializable(typeof(Order))] partial class OrderJson : JsonSerializerContext;
            public static class A { [Function("A"), QueueOutput("out")] public static Order Run([QueueTrigger("input")] Order order) => order; }
            """;
        var run = new GeneratorRun(function);

        Assert.Equal(expected, run.Change($"// moved\n{function}\n{added}"));
    }
}
