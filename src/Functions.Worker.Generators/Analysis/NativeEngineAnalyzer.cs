using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Functions.Worker.Generators.Analysis;

/// <summary>
/// Reports uses of Microsoft's worker packages that compile, but have no effect or fail at run time in the native engine (this project's
/// worker).
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NativeEngineAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.OfficialOnly];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    private static void Start(CompilationStartAnalysisContext context)
    {
        // Only the names of unsupported parts are resolved to symbols. Resolving every name of a project would double the compilation
        // time.
        var names = WorkerPackages.CollectUnsupportedNames(context.Compilation);
        if (names.Count > 0)
            context.RegisterSyntaxNodeAction(node => Check(node, names), SyntaxKind.IdentifierName, SyntaxKind.GenericName);
    }

    private static void Check(SyntaxNodeAnalysisContext context, HashSet<string> names)
    {
        var name = ((SimpleNameSyntax)context.Node).Identifier.ValueText;
        if (!names.Contains(name) || context.Node.IsPartOfStructuredTrivia())
            return;

        var symbol = context.SemanticModel.GetSymbolInfo(context.Node, context.CancellationToken).Symbol;
        if (symbol is not null && WorkerPackages.IsUnsupported(symbol))
            context.ReportDiagnostic(Diagnostic.Create(Rules.OfficialOnly, context.Node.GetLocation(), name));
    }
}
