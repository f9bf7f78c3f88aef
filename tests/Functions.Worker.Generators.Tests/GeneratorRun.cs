using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Functions.Worker.Generators.Analysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Functions.Worker.Generators.Tests;

/// <summary>Runs the generator and .NET's JSON generator on source text, with all assemblies that this test process references.</summary>
internal sealed class GeneratorRun
{
    private const string Usings = """
        using System.Collections.Generic;
        using System.Text.Json.Serialization;
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

    private static readonly Type JsonGenerator =
        Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "System.Text.Json.SourceGeneration.dll"))
        .GetTypes()
        .Single(type => type.IsAssignableTo(typeof(IIncrementalGenerator)));

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
            [new FunctionsGenerator()
                .AsSourceGenerator(), ((IIncrementalGenerator)Activator.CreateInstance(JsonGenerator)!).AsSourceGenerator()],
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        Run();
    }

    public string Source => Result.GeneratedSources.SingleOrDefault().SourceText?.ToString() ?? "";

    public ImmutableArray<Diagnostic> Diagnostics => Result.Diagnostics;

    /// <summary>The compiler's warnings and errors for the app together with the emitted source.</summary>
    public IEnumerable<Diagnostic> CompilerDiagnostics =>
        Complete.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning);

    public ImmutableArray<Diagnostic> AnalyzerDiagnostics =>
        Complete.WithAnalyzers([new NativeEngineAnalyzer()]).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();

    private GeneratorRunResult Result => _driver.GetRunResult().Results[0];

    private CSharpCompilation Complete => _compilation.AddSyntaxTrees(_driver.GetRunResult().GeneratedTrees);

    /// <summary>Compiles and loads the app. Its module initializer adds the functions to the registry.</summary>
    public void Load()
    {
        using var image = new MemoryStream();
        Assert.True(Complete.Emit(image).Success);
        image.Position = 0;
        var assembly = new AssemblyLoadContext(null).LoadFromStream(image);
        RuntimeHelpers.RunModuleConstructor(assembly.ManifestModule.ModuleHandle);
    }

    /// <summary>Runs the generator again on changed source, and returns whether and why it emitted source again.</summary>
    public IncrementalStepRunReason Change(string source)
    {
        _compilation = _compilation.ReplaceSyntaxTree(_compilation.SyntaxTrees.Single(), Parse(source));
        Run();
        return Result.TrackedOutputSteps
            .SelectMany(steps => steps.Value)
            .Single(IsFromFunctions)
            .Outputs.Single().Reason;
    }

    private static bool IsFromFunctions(IncrementalGeneratorRunStep step) =>
        step.Name == FunctionsGenerator.FunctionsStep || step.Inputs.Any(input => IsFromFunctions(input.Source));

    private void Run() => _driver = _driver.RunGenerators(_compilation);

    private static SyntaxTree Parse(string source) => CSharpSyntaxTree.ParseText(Usings + source, path: "App.cs");
}
