namespace Functions.Worker.Generators.Tests;

public sealed class MessageDiagnosticTests
{
    private const string Queue = "[QueueTrigger(\"input\")] string m";

    [Theory]
    [InlineData("AFW002", $"public static IResult F({Queue}, [HttpTrigger(Anonymous)] HttpRequest r) => null!;")]
    [InlineData("AFW002", "public static void F([QueueTrigger(\"input\")] string m, [QueueTrigger(\"other\")] string n) { }")]
    [InlineData("AFW003", "public static void F([QueueTrigger(\"input\")] object m) { }")]
    [InlineData("AFW003", "public static void F([QueueTrigger(\"input\")] dynamic m) { }")]
    [InlineData("AFW003", "public static void F([QueueTrigger(\"input\")] System.IO.Stream m) { }")]
    [InlineData("AFW003", "public static void F([QueueTrigger(\"input\")] System.Memory<byte> m) { }")]
    [InlineData("AFW003", "public static void F([QueueTrigger(\"input\")] System.ReadOnlySpan<byte> m) { }")]
    [InlineData("AFW003", "public static void F([QueueTrigger(\"input\")] HttpRequest m) { }")]
    [InlineData("AFW003", "public static void F([QueueTrigger(\"input\")] ref string m) { }")]
    [InlineData("AFW003", $"public static void F({Queue}, string other) {{ }}")]
    [InlineData("AFW003", $"public static void F({Queue}, int id) {{ }}")]
    [InlineData("AFW003", $"public static void F({Queue}, string dequeueCount) {{ }}")]
    [InlineData("AFW003", $"public static void F({Queue}, System.DateTime insertionTime) {{ }}")]
    [InlineData("AFW004", $"public static async void F({Queue}) => await Task.Yield();")]
    [InlineData("AFW004", $"public static string F({Queue}) => m;")]
    [InlineData("AFW004", $"public static Task<int> F({Queue}) => null!;")]
    [InlineData("AFW004", $"public static IResult F({Queue}) => null!;")]
    [InlineData("AFW013", "public static void G([QueueTrigger(\"input\")] string m) { }", true)]
    [InlineData("AFW013", "[QueueOutput(\"out\")] public static string G() => null!;", true)]
    [InlineData("AFW017", "public static void F([QueueTrigger(\"input\", Connection = \"\")] string m) { }")]
    [InlineData("AFW017", "public static void F([QueueTrigger(\"input\", Connection = \"%Storage%\")] string m) { }")]
    [InlineData("AFW017", "public static void F([QueueTrigger(\"input\", Connection = \"UseDevelopmentStorage=true\")] string m) { }")]
    [InlineData("AFW019", "public static void F([QueueTrigger(\"input\")] System.Uri m) { }")]
    [InlineData("AFW019", $"[QueueOutput(\"out\")] public static Task<List<int>> F({Queue}) => null!;")]
    [InlineData("AFW021", $"[QueueOutput(\"out\")] public static byte[] F({Queue}) => null!;")]
    [InlineData("AFW021", $"[QueueOutput(\"out\")] public static Task<System.ReadOnlyMemory<byte>> F({Queue}) => null!;")]
    [InlineData("AFW021", $"[QueueOutput(\"out\")] public static IReadOnlyList<byte[]> F({Queue}) => null!;")]
    [InlineData("AFW021", $"[QueueOutput(\"out\")] public static object F({Queue}) => null!;")]
    [InlineData("AFW021", $"[QueueOutput(\"out\")] public static IResult F({Queue}) => null!;")]
    [InlineData("AFW021", $"[QueueOutput(\"out\")] public static System.IO.MemoryStream F({Queue}) => null!;")]
    [InlineData("AFW022", $"[QueueOutput(\"out\")] public static Task F({Queue}) => null!;")]
    [InlineData("AFW022", $"[QueueOutput(\"out\")] public static void F({Queue}) {{ }}")]
    [InlineData("AFW023", "[QueueOutput(\"out\")] public static IResult F([HttpTrigger(Anonymous)] HttpRequest r) => null!;")]
    [InlineData("AFW023", "[QueueOutput(\"out\")] public static string F([HttpTrigger(Anonymous)] HttpRequest r) => null!;")]
    public void Report_MethodThatCannotBeAFunction_SaysWhy(string id, string method, bool isStray = false) =>
        AssertOnly(id, $"public static class C {{ {(isStray ? "" : "[Function(\"F\")]")} {method} }}");

    [Theory]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("Upper")]
    [InlineData("under_score")]
    [InlineData("-start")]
    [InlineData("end-")]
    [InlineData("a--b")]
    [InlineData("{queueTrigger}")]
    [InlineData("%")]
    [InlineData("%%")]
    [InlineData("%Open")]
    [InlineData("%Stage%-")]
    [InlineData("Upper-%Stage%")]
    [InlineData("a123456789-123456789-123456789-123456789-123456789-123456789-123")]
    public void Report_QueueName_IsInvalid(string name)
    {
        AssertOnly(
            "AFW016", $"public static class C {{ [Function(\"F\")] public static void F([QueueTrigger(\"{name}\")] string m) {{ }} }}");
        AssertOnly(
            "AFW016", $"public static class C {{ [Function(\"F\"), QueueOutput(\"{name}\")] public static string F({Queue}) => m; }}");
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("0-a-1")]
    [InlineData("%Predictions:Queue%")]
    [InlineData("%Predictions_Queue%")]
    [InlineData("a-%Stage%-%Region%")]
    [InlineData("a123456789-123456789-123456789-123456789-123456789-123456789-12")]
    public void Report_QueueName_IsValid(string name) => Assert.Empty(
        new GeneratorRun(
            $"public static class C {{ [Function(\"F\")] public static void F([QueueTrigger(\"{name}\")] string m) {{ }} }}").Diagnostics);

    [Theory]
    [InlineData("%Predictions__Queue%", "'%Predictions:Queue%'")]
    [InlineData("a-%A__B__C%-%Stage%", "'a-%A:B:C%-%Stage%'")]
    public void Report_SettingNameWithDoubleUnderscore_ExplainsTheFix(string name, string instead)
    {
        AssertSaid(
            instead, $"public static class C {{ [Function(\"F\")] public static void F([QueueTrigger(\"{name}\")] string m) {{ }} }}");
        AssertSaid(
            instead, $"public static class C {{ [Function(\"F\"), QueueOutput(\"{name}\")] public static string F({Queue}) => m; }}");
    }

    [Theory]
    [InlineData("AFW021", "[QueueOutput(\"out\")] public byte[]? Body => null;")]
    [InlineData("AFW019", "[QueueOutput(\"out\")] public System.Uri? Link => null;")]
    [InlineData("AFW016", "[QueueOutput(\"no\")] public string? Text => null;")]
    [InlineData("AFW022", "[QueueOutput(\"out\")] internal string? Text => null;")]
    [InlineData("AFW022", "[QueueOutput(\"out\")] public static string? Text => null;")]
    [InlineData("AFW022", "[QueueOutput(\"out\")] public string? Text { set { } }")]
    [InlineData("AFW022", "[QueueOutput(\"out\")] public string? Text { private get; set; }")]
    [InlineData("AFW022", "[QueueOutput(\"out\")] public string? A_B => null;")]
    [InlineData("AFW022", "[QueueOutput(\"out\")] public string? Größe => null;")]
    [InlineData("AFW022", "[QueueOutput(\"out\")] public string? Message => null;")]
    [InlineData("AFW022", "[QueueOutput(\"out\")] public string? Text => null; [QueueOutput(\"other\")] public string? TEXT => null;")]
    public void Report_PropertyThatCannotBeAnOutput_SaysWhy(string id, string property) =>
        AssertOnly(id,
            $"public class R {{ {property} }} public static class C {{ [Function(\"F\")] public static Task<R> F({Queue}) => null!; }}");

    [Theory]
    [InlineData("AFW022", "class", "[QueueOutput(\"out\")]", Queue)]
    [InlineData("AFW022", "struct", "", Queue)]
    [InlineData("AFW023", "class", "", "[HttpTrigger(Anonymous)] HttpRequest r")]
    public void Report_ResultWithOutputs_CannotBeUsed(string id, string kind, string onMethod, string parameter) => AssertOnly(id, $$"""
        public {{kind}} R { [QueueOutput("out")] public string? Text => null; }
        public static class C { [Function("F")] {{onMethod}} public static Task<R> F({{parameter}}) => null!; }
        """);

    [Theory]
    [InlineData("AFW019", "")]
    [InlineData(
        "AFW019", "public class Outer { [JsonSerializable(typeof(Order))] private sealed partial class A : JsonSerializerContext; }")]
    [InlineData("AFW020", """
        [JsonSerializable(typeof(Order))] internal sealed partial class A : JsonSerializerContext;
        [JsonSerializable(typeof(Order), TypeInfoPropertyName = "Other")] internal sealed partial class B : JsonSerializerContext;
        """)]
    public void Report_TypeWithoutOneContext_ExplainsTheFix(string id, string contexts) => AssertOnly(id, $$"""
        public sealed record Order(string Id);
        {{contexts}}
        public static class C { [Function("F")] public static void F([QueueTrigger("input")] Order order) { } }
        """);

    [Fact]
    public void Report_TypeWithoutContext_NamesTheAttribute()
    {
        var run = new GeneratorRun("""
            namespace App;
            public sealed record Order(string Id);
            public static class C
            {
                [Function("F")] public static void F([QueueTrigger("input")] List<Order> orders) { }
                [Function("G")] public static void G([QueueTrigger("input")] string text) { }
            }
            """);

        Assert.Contains(
            "add [JsonSerializable(typeof(System.Collections.Generic.List<App.Order>))]", Assert.Single(run.Diagnostics).GetMessage(),
            StringComparison.Ordinal);
        Assert.DoesNotContain("\"F\"", run.Source, StringComparison.Ordinal);
        Assert.Contains("\"G\"", run.Source, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_QueueMessageOfTheSdk_IsNoMessageHere() => AssertOnly("AFW003", """
        namespace Azure.Storage.Queues.Models { public class QueueMessage; }
        public static class C { [Function("F")] public static void F([QueueTrigger("input")] Azure.Storage.Queues.Models.QueueMessage m) { } }
        """);

    [Fact]
    public void Report_SameNameAsAnHttpFunction_IsADuplicate() => AssertOnly("AFW006", $$"""
        public static class C
        {
            [Function("F")] public static IResult F([HttpTrigger(Anonymous)] HttpRequest r) => null!;
            [Function("f")] public static void G({{Queue}}) { }
        }
        """);

    private static void AssertSaid(string instead, string source)
    {
        AssertOnly("AFW024", source);
        Assert.Contains($"write {instead}", Assert.Single(new GeneratorRun(source).Diagnostics).GetMessage(), StringComparison.Ordinal);
    }

    private static void AssertOnly(string id, string source)
    {
        var diagnostic = Assert.Single(new GeneratorRun(source).Diagnostics);

        Assert.Equal(id, diagnostic.Id);
        Assert.Equal("App.cs", diagnostic.Location.GetLineSpan().Path);
    }
}
