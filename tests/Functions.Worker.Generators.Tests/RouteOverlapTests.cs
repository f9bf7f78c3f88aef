namespace Functions.Worker.Generators.Tests;

public sealed class RouteOverlapTests
{
    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "A", true)]
    [InlineData("a", "b", false)]
    [InlineData("a", "a/b", false)]
    [InlineData("{x}", "a", true)]
    [InlineData("{x}", "{y}", true)]
    [InlineData("{x}/a", "b/{y}", true)]
    [InlineData("{x}/a", "{y}/b", false)]
    [InlineData("{x:int}", "a", true)]
    [InlineData("{*rest}", "a", true)]
    [InlineData("a/{*rest}", "a", true)]
    [InlineData("a/{*rest}", "a/b/c", true)]
    [InlineData("a/{*rest}", "b/{*rest}", false)]
    [InlineData("a/{x?}", "a", true)]
    [InlineData("a/{x?}", "a/b", true)]
    [InlineData("a/{x=1}", "a", true)]
    [InlineData("a/{x?}", "a/b/c", false)]
    [InlineData("m/{x}:predict", "m/{x}:classify", false)]
    [InlineData("m/{x}:predict", "m/{x}", true)]
    [InlineData("m/{x}:predict", "m/iris:predict", true)]
    [InlineData("m/{x}:predict", "m/:predict", false)]
    [InlineData("{x}.{y}", "a.b", true)]
    [InlineData("{x}.{y}", "ab", false)]
    [InlineData("{x}-a", "b-{y}", true)]
    [InlineData("a{{b", "a{x}", true)]
    [InlineData("a/{x:regex(^b/c$)}", "a/d", true)]
    public void Report_TwoRoutes_OverlapOrNot(string first, string second, bool expected)
    {
        Assert.Equal(expected ? ["AFW012"] : [], Ids(first, "\"get\"", second, "\"get\""));
        Assert.Equal(expected ? ["AFW012"] : [], Ids(second, "\"get\"", first, "\"get\""));
    }

    [Theory]
    [InlineData("\"get\"", "\"post\"", false)]
    [InlineData("\"get\", \"post\"", "\"POST\", \"put\"", true)]
    [InlineData("", "\"post\"", true)]
    public void Report_OneRoute_OverlapsByMethod(string first, string second, bool expected) =>
        Assert.Equal(expected ? ["AFW012"] : [], Ids("a", first, "a", second));

    private static IEnumerable<string> Ids(string first, string firstMethods, string second, string secondMethods) => new GeneratorRun($$"""
        public static class C
        {
            [Function("F")] public static IResult F([HttpTrigger(Anonymous, new string[] { {{firstMethods}} }, Route = "{{first}}")] HttpRequest r) => null!;
            [Function("G")] public static IResult G([HttpTrigger(Anonymous, new string[] { {{secondMethods}} }, Route = "{{second}}")] HttpRequest r) => null!;
        }
        """).Diagnostics.Select(d => d.Id);
}
