using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Analysis;

/// <summary>
/// The parts of Microsoft's worker packages that the native engine (this project's worker) supports. All other parts of the packages are
/// unsupported.
/// </summary>
internal static class WorkerPackages
{
    private const string Namespace = "Microsoft.Azure.Functions.Worker";
    private const string AttributeSuffix = "Attribute";

    private static readonly HashSet<string> SupportedTypes =
    [
        "AuthorizationLevel", "BindingContext", "BindingDirection", "BindingMetadata", "FunctionAttribute", "FunctionContext",
        "FunctionContextLoggerExtensions", "FunctionDefinition", "HttpTriggerAttribute", "IInvocationFeatures", "QueueOutputAttribute",
        "QueueTriggerAttribute", "RetryContext", "TraceContext",
    ];

    /// <summary>Members of supported types whose values only Microsoft's engine provides.</summary>
    private static readonly HashSet<string> UnsupportedMembers =
        ["FunctionDefinition.Parameters", "FunctionDefinition.PathToAssembly", "TraceContext.Baggage"];

    /// <summary>Collects the names by which source code can use unsupported parts.</summary>
    public static HashSet<string> CollectUnsupportedNames(Compilation compilation)
    {
        var packages = compilation.SourceModule.ReferencedAssemblySymbols.Where(IsWorkerPackage);
        var types = packages.SelectMany(assembly => GetPublicTypes(assembly.GlobalNamespace)).ToList();
        if (types.Count == 0)
            return [];

        var unsupported = types.Where(type => !IsSupported(type)).ToList();
        return
        [
            .. UnsupportedMembers.Select(member => member.Substring(member.IndexOf('.') + 1)),
            .. unsupported.Select(type => type.Name),
            .. unsupported.Select(type => type.Name)
                .Where(name => name.EndsWith(AttributeSuffix, StringComparison.Ordinal))
                .Select(name => name.Substring(0, name.Length - AttributeSuffix.Length)),
            .. unsupported.SelectMany(type => type.GetMembers()).OfType<IMethodSymbol>()
                .Where(method => method.IsExtensionMethod)
                .Select(method => method.Name),
        ];
    }

    public static bool IsUnsupported(ISymbol symbol)
    {
        var type = symbol as INamedTypeSymbol ?? symbol.ContainingType;
        return type is not null
            && IsWorkerPackage(type.ContainingAssembly)
            && (!IsSupported(type) || UnsupportedMembers.Contains($"{type.Name}.{symbol.Name}"));
    }

    private static bool IsWorkerPackage(IAssemblySymbol? assembly) =>
        assembly is not null && (assembly.Name == Namespace || assembly.Name.StartsWith($"{Namespace}.", StringComparison.Ordinal));

    private static bool IsSupported(INamedTypeSymbol type) =>
        SupportedTypes.Contains(type.Name) && type.ContainingNamespace.ToDisplayString() == Namespace;

    private static IEnumerable<INamedTypeSymbol> GetPublicTypes(INamespaceSymbol root) => root
        .GetTypeMembers().Where(type => type.DeclaredAccessibility == Accessibility.Public)
        .Concat(root.GetNamespaceMembers().SelectMany(GetPublicTypes));
}
