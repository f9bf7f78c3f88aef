using System.Collections.Immutable;
using Functions.Worker.Generators.Emit;
using Functions.Worker.Generators.Model;
using Functions.Worker.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Functions.Worker.Generators;

/// <summary>Generates metadata and direct calls for <c>[Function]</c> methods, so that the app uses no reflection when it starts.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class FunctionsGenerator : IIncrementalGenerator
{
    /// <summary>
    /// The name of the pipeline step whose output decides whether source is emitted again. A test uses this name to check that
    /// unchanged functions are not emitted again.
    /// </summary>
    public const string FunctionsStep = "Functions";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var parsed = context.SyntaxProvider.ForAttributeWithMetadataName(
            TypeNames.FunctionAttribute,
            (node, _) => node is MethodDeclarationSyntax or LocalFunctionStatementSyntax,
            (match, _) => FunctionParser.Parse((IMethodSymbol)match.TargetSymbol, match.Attributes[0])).Collect();
        var json = context.SyntaxProvider.ForAttributeWithMetadataName(
            TypeNames.JsonSerializableAttribute,
            (node, _) => node is ClassDeclarationSyntax,
            (match, _) => JsonContextParser.Parse((INamedTypeSymbol)match.TargetSymbol, match.Attributes))
            .Collect()
            .Select((all, _) => new EquatableArray<JsonType>(all.SelectMany(types => types)));

        // Findings contain positions, but function models do not. So an edit that only moves a function does not emit the source again.
        var functions = parsed
            .Select((all, _) => new EquatableArray<FunctionModel>(all.Select(item => item.Function).OfType<FunctionModel>()))
            .WithTrackingName(FunctionsStep);
        var assembly = context.CompilationProvider.Select((compilation, _) => compilation.AssemblyName ?? "");

        ReportUnusedAttributes(context);
        context.RegisterSourceOutput(parsed.Combine(json), (output, pair) => Report(output, pair.Left, pair.Right));
        context.RegisterSourceOutput(
            functions.Combine(json).Combine(assembly), (output, all) => Emit(output, all.Left.Left, all.Left.Right, all.Right));
    }

    private static void ReportUnusedAttributes(IncrementalGeneratorInitializationContext context)
    {
        string[] attributes =
        [
            TypeNames.HttpTriggerAttribute, TypeNames.QueueTriggerAttribute,
            TypeNames.QueueOutputAttribute,
        ];
        foreach (var attribute in attributes)
        {
            var findings = context.SyntaxProvider.ForAttributeWithMetadataName(
                attribute,
                (node, _) => node is ParameterSyntax or MethodDeclarationSyntax or LocalFunctionStatementSyntax,
                (match, _) => StrayTrigger.Find(match.TargetSymbol));
            context.RegisterSourceOutput(findings, (output, finding) => Report(output, finding));
        }
    }

    private static void Report(SourceProductionContext output, ImmutableArray<ParsedFunction> parsed, EquatableArray<JsonType> json)
    {
        IEnumerable<Finding> findings =
            [.. parsed.SelectMany(item => item.Findings), .. FunctionSetRules.Check(parsed), .. new JsonTypeSet(json).Check(parsed)];
        foreach (var finding in findings)
            Report(output, finding);
    }

    private static void Report(SourceProductionContext output, Finding? finding)
    {
        if (finding is not null)
            output.ReportDiagnostic(finding.ToDiagnostic());
    }

    private static void Emit(
        SourceProductionContext output, EquatableArray<FunctionModel> functions, EquatableArray<JsonType> json, string assembly)
    {
        var types = new JsonTypeSet(json);
        var callableFunctions = functions.Where(types.HasAll).ToList();
        if (callableFunctions.Count > 0)
            output.AddSource("GeneratedFunctions.g.cs", new FunctionsEmitter(types).Emit(callableFunctions, assembly));
    }
}
