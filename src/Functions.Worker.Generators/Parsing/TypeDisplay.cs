using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

internal static class TypeDisplay
{
    private static readonly SymbolDisplayFormat Plain =
        SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    /// <summary>Namespace and name, as <see cref="TypeNames"/> writes them; nullability of references left out.</summary>
    public static string PlainName(this ITypeSymbol type) => type.ToDisplayString(Plain);

    /// <summary>The name for emitted code, which no namespace of the app can hide.</summary>
    public static string GlobalName(this ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
}
