using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Functions.Worker.Generators.Parsing;

internal static class TypeDisplay
{
    private static readonly SymbolDisplayFormat Plain =
        SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    /// <summary>Namespace and name, as <see cref="TypeNames"/> writes them; nullability of references left out.</summary>
    public static string PlainName(this ITypeSymbol type) => type.ToDisplayString(Plain);

    /// <summary>As <see cref="PlainName"/>, with a '?' where null is allowed.</summary>
    public static string PlainNameWithNull(this ITypeSymbol type) =>
        type.ToDisplayString(Plain.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier));

    /// <summary>The name for emitted code, which no namespace of the app can hide.</summary>
    public static string GlobalName(this ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    /// <summary>The name for emitted code, also when it is a keyword.</summary>
    public static string EscapedName(this IMethodSymbol method) =>
        SyntaxFacts.GetKeywordKind(method.Name) == SyntaxKind.None ? method.Name : $"@{method.Name}";
}
