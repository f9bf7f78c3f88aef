using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Formats the names of types and methods.</summary>
internal static class TypeDisplay
{
    private static readonly SymbolDisplayFormat Plain =
        SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    /// <summary>Returns namespace and name in the form of <see cref="TypeNames"/>, without the nullability of references.</summary>
    public static string PlainName(this ITypeSymbol type) => type.ToDisplayString(Plain);

    /// <summary>Returns <see cref="PlainName"/> with a '?' where null is allowed.</summary>
    public static string PlainNameWithNull(this ITypeSymbol type) =>
        type.ToDisplayString(Plain.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier));

    /// <summary>
    /// Returns the name for emitted code, which begins with <c>global::</c>. So no namespace of the app can hide the type.
    /// </summary>
    public static string GlobalName(this ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    /// <summary>Returns the name for emitted code, escaped if it is a keyword.</summary>
    public static string EscapedName(this IMethodSymbol method) =>
        SyntaxFacts.GetKeywordKind(method.Name) == SyntaxKind.None ? method.Name : $"@{method.Name}";
}
