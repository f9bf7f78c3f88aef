using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Functions.Worker.Generators.Tests;

/// <summary>One run of the generator over source text, against everything this test process references.</summary>
internal sealed class GeneratorRun
{
    private const string Usings = """
        using System.Threading;
        using System.Threading.Tasks;
        using Microsoft.AspNetCore.Http;
        using Microsoft.Azure.Functions.Worker;
        using static Microsoft.Azure.Functions.Worker.AuthorizationLevel;

        """;

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private CSharpCompilation _compilation;
    private GeneratorDriver _driver;

    public GeneratorRun(string source)
    {
        _compilation = CSharpCompilation.Create(
            "App",
            [Parse(source)],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        _driver = CSharpGeneratorDriver.Create(
            [new FunctionsGenerator().AsSourceGenerator()],
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        Run();
    }

    public string Source => _driver.GetRunResult().GeneratedTrees.SingleOrDefault()?.ToString() ?? "";

    public ImmutableArray<Diagnostic> Diagnostics => _driver.GetRunResult().Diagnostics;

    /// <summary>What the compiler says of the app and the emitted source together.</summary>
    public IEnumerable<Diagnostic> CompilerDiagnostics =>
        _compilation.AddSyntaxTrees(_driver.GetRunResult().GeneratedTrees)
            .GetDiagnostics()
            .Where(d => d.Severity >= DiagnosticSeverity.Warning);

    /// <summary>Runs again over changed source, and tells whether and why source was emitted again.</summary>
    public IncrementalStepRunReason Change(string source)
    {
        _compilation = _compilation.ReplaceSyntaxTree(_compilation.SyntaxTrees.Single(), Parse(source));
        Run();
        return _driver.GetRunResult().Results.Single().TrackedOutputSteps
            .SelectMany(steps => steps.Value)
            .Single(IsFromFunctions)
            .Outputs.Single().Reason;
    }

    private static bool IsFromFunctions(IncrementalGeneratorRunStep step) =>
        step.Name == FunctionsGenerator.FunctionsStep || step.Inputs.Any(input => IsFromFunctions(input.Source));

    private void Run() => _driver = _driver.RunGenerators(_compilation);

    private static SyntaxTree Parse(string source) => CSharpSyntaxTree.ParseText(Usings + source, path: "App.cs");
}
