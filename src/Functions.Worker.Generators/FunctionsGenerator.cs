using System.Collections.Immutable;
using Functions.Worker.Generators.Emit;
using Functions.Worker.Generators.Model;
using Functions.Worker.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Functions.Worker.Generators;

/// <summary>
/// Turns <c>[Function]</c> methods into metadata and direct calls, so that nothing is looked up by reflection when the app starts.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class FunctionsGenerator : IIncrementalGenerator
{
    /// <summary>The step whose output decides whether source is emitted again; for the test of the caching.</summary>
    public const string FunctionsStep = "Functions";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var parsed = context.SyntaxProvider.ForAttributeWithMetadataName(
            TypeNames.FunctionAttribute,
            (node, _) => node is MethodDeclarationSyntax or LocalFunctionStatementSyntax,
            (match, _) => FunctionParser.Parse((IMethodSymbol)match.TargetSymbol, match.Attributes[0])).Collect();
        var strays = context.SyntaxProvider.ForAttributeWithMetadataName(
            TypeNames.HttpTriggerAttribute, (node, _) => node is ParameterSyntax, (match, _) => StrayTrigger.Find(match.TargetSymbol));

        // Findings carry positions, functions do not: an edit that only moves a function emits nothing again.
        var functions = parsed
            .Select((all, _) => new EquatableArray<FunctionModel>(all.Select(p => p.Function).OfType<FunctionModel>()))
            .WithTrackingName(FunctionsStep);
        var assembly = context.CompilationProvider.Select((compilation, _) => compilation.AssemblyName ?? "");

        context.RegisterSourceOutput(parsed, Report);
        context.RegisterSourceOutput(strays, (output, finding) => Report(output, finding));
        context.RegisterSourceOutput(functions.Combine(assembly), (output, pair) => Emit(output, pair.Left, pair.Right));
    }

    private static void Report(SourceProductionContext output, ImmutableArray<ParsedFunction> parsed)
    {
        foreach (var finding in parsed.SelectMany(p => p.Findings).Concat(FunctionSetRules.Check(parsed)))
            Report(output, finding);
    }

    private static void Report(SourceProductionContext output, Finding? finding)
    {
        if (finding is not null)
            output.ReportDiagnostic(finding.ToDiagnostic());
    }

    private static void Emit(SourceProductionContext output, EquatableArray<FunctionModel> functions, string assembly)
    {
        if (functions.Count > 0)
            output.AddSource("GeneratedFunctions.g.cs", FunctionsEmitter.Emit(functions, assembly));
    }
}
