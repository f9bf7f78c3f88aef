namespace Functions.Worker.Generators.Tests;

/// <summary>Uses of Microsoft's packages that compile, but have an effect only in Microsoft's engine.</summary>
public sealed class NativeEngineAnalyzerTests
{
    [Theory]
    [InlineData("BindInputAsync", "_ = context.BindInputAsync<string>(null!);")]
    [InlineData("GetInvocationResult", "context.GetInvocationResult();")]
    [InlineData("GetInvocationResult", "context.GetInvocationResult<string>();")]
    [InlineData("GetInvocationResult", "context?.GetInvocationResult();")]
    [InlineData("GetOutputBindings", "context.GetOutputBindings<object>();")]
    [InlineData("GetOutputBindings", "System.Func<object> read = context.GetOutputBindings<object>; read();")]
    [InlineData("GetHttpRequestDataAsync", "_ = context.GetHttpRequestDataAsync();")]
    [InlineData("GetHttpResponseData", "context.GetHttpResponseData();")]
    [InlineData("Parameters", "_ = context.FunctionDefinition.Parameters;")]
    [InlineData("PathToAssembly", "_ = context.FunctionDefinition is { PathToAssembly: \"\" };")]
    [InlineData("Baggage", "_ = context.TraceContext.Baggage;")]
    [InlineData("IFunctionInputBindingFeature",
        "_ = context.Features.Get<Microsoft.Azure.Functions.Worker.Context.Features.IFunctionInputBindingFeature>();")]
    [InlineData("HttpRequestData", "Microsoft.Azure.Functions.Worker.Http.HttpRequestData? data = null;")]
    [InlineData("WorkerOptions", "_ = new WorkerOptions();")]
    public void Report_CodeThatNeedsMicrosoftsEngine_NamesIt(string name, string code) =>
        AssertOnly(name, $"public static class C {{ public static void M(FunctionContext context) {{ {code} }} }}");

    [Theory]
    [InlineData("FixedDelayRetry", "[FixedDelayRetry(3, \"00:00:01\")] public static void M() { }")]
    [InlineData(
        "ExponentialBackoffRetryAttribute", "[ExponentialBackoffRetryAttribute(3, \"00:00:01\", \"00:00:09\")] public static void M() { }")]
    [InlineData("HttpResult", "[HttpResult] public static IResult R { get; } = null!;")]
    [InlineData("FromBody", "public static void M([Microsoft.Azure.Functions.Worker.Http.FromBody] string body) { }")]
    [InlineData(
        "IFunctionsWorkerMiddleware", "public static Microsoft.Azure.Functions.Worker.Middleware.IFunctionsWorkerMiddleware? Middleware;")]
    public void Report_DeclarationThatNeedsMicrosoftsEngine_NamesIt(string name, string member) =>
        AssertOnly(name, $"public static class C {{ {member} }}");

    [Fact]
    public void Report_ServicesOfMicrosoftsEngine_NamesThem() => AssertOnly("AddFunctionsWorkerCore", """
        using Microsoft.Extensions.DependencyInjection;
        public static class C { public static void M(IServiceCollection services) => services.AddFunctionsWorkerCore(); }
        """);

    [Fact]
    public void Report_SupportedMembersAndOwnNames_Nothing()
    {
        var run = new GeneratorRun("""
            using Microsoft.Extensions.Logging;
            /// <summary>As <see cref="FunctionContextBindingFeatureExtensions"/> does.</summary>
            public class WorkerOptions { public object? Baggage; public void GetOutputBindings() { } public object? Parameters => Baggage; }
            public static class C
            {
                [Function("F")]
                [QueueOutput("out")]
                public static string F([QueueTrigger("in")] string message, FunctionContext context)
                {
                    context.GetLogger("C").LogInformation(context.InvocationId);
                    context.GetLogger<WorkerOptions>();
                    context.Features.Set(new WorkerOptions());
                    new WorkerOptions().GetOutputBindings();
                    return $"{context.BindingContext.BindingData["Id"]} {context.RetryContext.RetryCount} {context.TraceContext.TraceParent}"
                        + $"{context.FunctionDefinition.InputBindings["message"].Direction is BindingDirection.In} {new WorkerOptions().Parameters}";
                }
            }
            """);

        Assert.Empty(run.CompilerDiagnostics);
        Assert.Empty(run.AnalyzerDiagnostics);
    }

    private static void AssertOnly(string name, string source)
    {
        var run = new GeneratorRun(source);

        Assert.DoesNotContain(run.CompilerDiagnostics, d => d.Severity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error);
        var diagnostic = Assert.Single(run.AnalyzerDiagnostics);
        Assert.Equal("AFW025", diagnostic.Id);
        Assert.StartsWith($"'{name}' ", diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }
}
