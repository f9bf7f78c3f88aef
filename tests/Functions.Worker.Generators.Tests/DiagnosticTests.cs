namespace Functions.Worker.Generators.Tests;

public sealed class DiagnosticTests
{
    private const string Get = "[HttpTrigger(Anonymous, \"get\")] HttpRequest r";

    [Theory]
    [InlineData("AFW001", "public static IResult F() => null!;")]
    [InlineData("AFW001", "public static IResult F(FunctionContext c) => null!;")]
    [InlineData("AFW002", $"public static IResult F({Get}, [HttpTrigger(Anonymous)] HttpRequest other) => null!;")]
    [InlineData("AFW003", $"public static IResult F({Get}, System.DateTime when) => null!;")]
    [InlineData("AFW003", $"public static IResult F({Get}, HttpRequest other) => null!;")]
    [InlineData("AFW003", $"public static IResult F({Get}, ref CancellationToken token) => null!;")]
    [InlineData("AFW003", $"public static IResult F({Get}, params string[] rest) => null!;")]
    [InlineData("AFW003", "public static IResult F([HttpTrigger(Anonymous)] string body) => null!;")]
    [InlineData("AFW003", "public static IResult F([HttpTrigger(Anonymous, Route = \"a/{b?}\")] HttpRequest r, string b) => null!;")]
    [InlineData("AFW003", "public static IResult F([HttpTrigger(Anonymous, Route = \"a/{*b}\")] HttpRequest r, string b) => null!;")]
    [InlineData("AFW003", "public static IResult F([HttpTrigger(Anonymous, Route = \"a/{b:int?}\")] HttpRequest r, int b) => null!;")]
    [InlineData("AFW003", "public static IResult F([HttpTrigger(Anonymous, Route = \"a/{b}\")] HttpRequest r, int? b) => null!;")]
    [InlineData("AFW004", $"public static void F({Get}) {{ }}")]
    [InlineData("AFW004", $"public static async void F({Get}) => await Task.Yield();")]
    [InlineData("AFW004", $"public static string F({Get}) => null!;")]
    [InlineData("AFW004", $"public static Task<string> F({Get}) => null!;")]
    [InlineData("AFW004", $"public static Task<IResult?> F({Get}) => null!;")]
    [InlineData("AFW009", $"internal static IResult F({Get}) => null!;")]
    [InlineData("AFW009", $"static IResult F({Get}) => null!;")]
    [InlineData("AFW009", $"public static IResult F<T>({Get}) => null!;")]
    [InlineData("AFW010", "public static IResult F([HttpTrigger(Anonymous, Route = \"admin/x\")] HttpRequest r) => null!;")]
    [InlineData("AFW010", "public static IResult F([HttpTrigger(Anonymous, Route = \"Administrators\")] HttpRequest r) => null!;")]
    [InlineData("AFW010", "public static IResult F([HttpTrigger(Anonymous, Route = \"/a\")] HttpRequest r) => null!;")]
    [InlineData("AFW010", "public static IResult F([HttpTrigger(Anonymous, Route = \"a/\")] HttpRequest r) => null!;")]
    [InlineData("AFW010", "public static IResult F([HttpTrigger(Anonymous, Route = \"a//b\")] HttpRequest r) => null!;")]
    [InlineData("AFW010", "public static IResult F([HttpTrigger(Anonymous, Route = \"a/{b\")] HttpRequest r) => null!;")]
    [InlineData("AFW010", "public static IResult F([HttpTrigger(Anonymous, Route = \"a}\")] HttpRequest r) => null!;")]
    [InlineData("AFW010", "public static IResult F([HttpTrigger(Anonymous, Route = \"a/{}\")] HttpRequest r) => null!;")]
    [InlineData("AFW010", "public static IResult F([HttpTrigger(Anonymous, Route = \"{a}/{A}\")] HttpRequest r) => null!;")]
    [InlineData("AFW010", "public static IResult F([HttpTrigger(Anonymous, Route = \"{a}{b}\")] HttpRequest r) => null!;")]
    [InlineData("AFW010", "public static IResult F([HttpTrigger(Anonymous, Route = \"{*a}/b\")] HttpRequest r) => null!;")]
    [InlineData("AFW011", $"public static IResult F({Get}, string model) => null!;")]
    [InlineData("AFW011", $"public static IResult F({Get}, int id) => null!;")]
    [InlineData("AFW014", "public static IResult F([HttpTrigger(User)] HttpRequest r) => null!;")]
    [InlineData("AFW014", "public static IResult F([HttpTrigger((AuthorizationLevel)9)] HttpRequest r) => null!;")]
    [InlineData("AFW015", "public static IResult F([HttpTrigger(Anonymous, \"\")] HttpRequest r) => null!;")]
    [InlineData("AFW015", "public static IResult F([HttpTrigger(Anonymous, \"get,post\")] HttpRequest r) => null!;")]
    [InlineData("AFW015", "public static IResult F([HttpTrigger(Anonymous, \"get\", \"GET\")] HttpRequest r) => null!;")]
    public void Report_MethodThatCannotBeAFunction_SaysWhy(string id, string method) =>
        AssertOnly(id, $"public static class C {{ [Function(\"F\")] {method} }}");

    [Theory]
    [InlineData("AFW007", "internal class C { [Function(\"F\")] public IResult F(@) => null!; }")]
    [InlineData("AFW007", "public abstract class C { [Function(\"F\")] public IResult F(@) => null!; }")]
    [InlineData("AFW007", "public class C<T> { [Function(\"F\")] public static IResult F(@) => null!; }")]
    [InlineData("AFW007", "class O { public class C { [Function(\"F\")] public IResult F(@) => null!; } }")]
    [InlineData("AFW007", "public struct C { [Function(\"F\")] public IResult F(@) => null!; }")]
    [InlineData(
        "AFW007", "public class C : System.IDisposable { [Function(\"F\")] public IResult F(@) => null!; public void Dispose() { } }")]
    [InlineData("AFW008", "public class C { public C() { } public C(string s) { } [Function(\"F\")] public IResult F(@) => null!; }")]
    [InlineData("AFW008", "public class C { private C() { } [Function(\"F\")] public IResult F(@) => null!; }")]
    [InlineData("AFW008", "public class C(int size) { [Function(\"F\")] public IResult F(@) => size > 0 ? null! : null!; }")]
    [InlineData("AFW009", "public static class C { static void M() { [Function(\"F\")] static IResult F(@) => null!; F(null!); } }")]
    [InlineData("AFW013", "public static class C { public static IResult F(@) => null!; }")]
    public void Report_ClassThatCannotHoldFunctions_SaysWhy(string id, string source) =>
        AssertOnly(id, source.Replace("@", Get, StringComparison.Ordinal));

    [Fact]
    public void Report_KeyedService_SaysWhy() => AssertOnly("AFW008", $$"""
        public class C([Microsoft.Extensions.DependencyInjection.FromKeyedServices("k")] string s)
        {
            [Function("F")] public IResult F({{Get}}) => Results.Text(s);
        }
        """);

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("a b")]
    [InlineData("a.b")]
    [InlineData("host")]
    [InlineData("Host")]
    public void Report_FunctionName_IsInvalid(string name)
    {
        var source =
            $"public static class C {{ [Function(\"{name}\")] public static IResult F([HttpTrigger(Anonymous, Route = \"r\")] HttpRequest "
            + "r) => null!; }";

        AssertOnly("AFW005", source);
    }

    [Fact]
    public void Report_SameNameTwice_IsADuplicate() => AssertOnly("AFW006", $$"""
        public static class C
        {
            [Function("F")] public static IResult F({{Get}}) => null!;
            [Function("f")] public static IResult G([HttpTrigger(Anonymous, "post", Route = "g")] HttpRequest r) => null!;
        }
        """);

    [Fact]
    public void Report_SeveralMistakes_AllAtOnce()
    {
        var run = new GeneratorRun(
            "public class C { C() { } [Function(\"a b\")] public string F([HttpTrigger(User, \"?\", Route = \"{\")] HttpRequest r) => "
            + "null!; }");

        Assert.Equal(["AFW004", "AFW005", "AFW008", "AFW010", "AFW014", "AFW015"], run.Diagnostics.Select(d => d.Id).Order());
    }

    private static void AssertOnly(string id, string source)
    {
        var diagnostic = Assert.Single(new GeneratorRun(source).Diagnostics);

        Assert.Equal(id, diagnostic.Id);
        Assert.Equal("App.cs", diagnostic.Location.GetLineSpan().Path);
    }
}
